import type { ImageOutcome } from "@imagespec/core";
import { type ExitCode, exitCodeOf, exitCodes, worstExitCode } from "../exit-code.ts";
import { keepBuilds } from "../explain/keep-builds.ts";
import type { BuildFlags } from "../options/flags.ts";
import { builtImageDocument } from "../output/documents.ts";
import { formatError } from "../output/format-error.ts";
import { formatDocument } from "../output/json-document.ts";
import type { Surroundings } from "../output/surroundings.ts";
import { writeMetadata } from "../output/write-metadata.ts";
import { createProgress, type Progress } from "../progress/progress.ts";
import { openProject } from "../project.ts";
import { placeError } from "../project-specs.ts";
import { type Invocation, type Session, withRegistry, withSession } from "../session.ts";
import { buildSettings } from "./build-settings.ts";

/** What can be given to `docker run`; nothing for an image that is not there. */
function resultLine({ status, reference, image, error }: ImageOutcome): string {
  if (status === "failed" || error) return "";
  return `${image?.digest ? `${reference}@${image.digest}` : reference}\n`;
}

function warnOfForce({ stderr, paint }: Surroundings): void {
  const text = "builds without asking whether images are there, and pushes over tags that are";
  stderr.write(`${paint("yellow", "--force")} ${text}\n`);
}

/** With the place of each failed image's spec, where the failure is about the spec. */
async function placeOutcomes(
  outcomes: readonly ImageOutcome[],
  session: Session,
): Promise<readonly ImageOutcome[]> {
  return Promise.all(
    outcomes.map(async (outcome, index) => {
      if (!outcome.error) return outcome;
      const specs = session.specs.slice(index, index + 1);
      const error = (await placeError(outcome.error, { ...session, specs })) as ImageOutcome["error"];
      return { ...outcome, error };
    }),
  );
}

async function run(
  invocation: Invocation<BuildFlags>,
  session: Session,
  progress: Progress,
): Promise<readonly ImageOutcome[]> {
  const { flags, signal } = invocation;
  const { keepGoing, concurrency } = flags;
  const settings = buildSettings(flags, session.project);
  try {
    const outcomes = await session.engine.build(session.named, {
      ...settings,
      keepGoing,
      concurrency,
      signal,
      onEvent: (event) => progress.onEvent(event),
    });
    return await placeOutcomes(outcomes, session);
  } finally {
    progress.end();
  }
}

/** Equal failures, as of a base that several images stand on, are told once. */
function writeFailures(outcomes: readonly ImageOutcome[], { flags, surroundings }: Invocation): void {
  const { stderr, paint } = surroundings;
  const failed = outcomes.filter(({ status, error }) => status === "failed" && error);
  const texts = failed.map(({ error }) => formatError(error, { paint, debug: flags.debug === true }));
  stderr.write([...new Set(texts)].join(""));
}

function exitCodeFor({ status, error }: ImageOutcome): ExitCode {
  if (status === "failed") return exitCodeOf(error);
  return error ? exitCodes.failed : exitCodes.done;
}

/** Makes every image be there, and says under which name. */
export async function build(invocation: Invocation<BuildFlags>): Promise<ExitCode> {
  const { flags, surroundings } = invocation;
  const project = await openProject(flags, surroundings);
  if (buildSettings(flags, project).force) warnOfForce(surroundings);
  const outcomes = await withRegistry(project, surroundings, (registry) =>
    withSession(invocation, project, {
      registry,
      use: async (session) => {
        const progress = await createProgress(flags.progress ?? "auto", surroundings);
        const done = await run(invocation, session, progress);
        await keepBuilds(done, session, surroundings);
        return done;
      },
    }),
  );
  invocation.signal.throwIfAborted();
  writeFailures(outcomes, invocation);
  const document = formatDocument({ images: outcomes.map(builtImageDocument) });
  surroundings.stdout.write(flags.json ? document : outcomes.map(resultLine).join(""));
  if (flags.metadataFile !== undefined) writeMetadata(flags.metadataFile, document, project);
  return worstExitCode(outcomes.map(exitCodeFor));
}
