import {
  type Existence,
  formatImageReference,
  parseImageReference,
  type RegistryService,
} from "@imagespec/core";
import type { RegistryClient } from "@imagespec/registry";
import { answersExitCode, type ExitCode, exitCodes } from "../exit-code.ts";
import { existenceDocument } from "../output/documents.ts";
import { writeDocument } from "../output/json-document.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { onWarning } from "../output/write-issue.ts";
import { openProject, type Project } from "../project.ts";
import { type Invocation, withRegistry, withSession } from "../session.ts";
import { isSource } from "../specs/is-source.ts";

type Answer = Readonly<{ reference: string; existence: Existence }>;

/** The same client, but platforms, which cost a manifest and a config each, are not looked at. */
function headOnly(registry: RegistryClient): RegistryService {
  return {
    exists: (reference, query) => registry.exists(reference, { ...query, platforms: undefined }),
    imageConfig: (...question) => registry.imageConfig(...question),
    credentials: (...question) => registry.credentials(...question),
    checkPush: (...question) => registry.checkPush(...question),
    verifyPush: (...question) => registry.verifyPush(...question),
    forget: (reference) => registry.forget(reference),
    close: () => registry.close(),
  };
}

function formatAnswer({ existence }: Answer): string {
  if (existence.verdict === "present") {
    const { digest, localId } = existence.image;
    return ["present", digest ?? localId].filter((part) => part !== undefined).join(" ");
  }
  if (existence.verdict === "unknown") return `unknown ${sanitizeLine(existence.reason)}`;
  const missing = existence.missingPlatforms ?? [];
  return missing.length > 0 ? `absent (${missing.join(", ")})` : "absent";
}

function exitCodeFor({ existence }: Answer): ExitCode {
  if (existence.verdict === "present") return exitCodes.done;
  return existence.verdict === "absent" ? exitCodes.failed : exitCodes.unknown;
}

type Question = Readonly<{ invocation: Invocation; project: Project; registry: RegistryClient }>;

async function askReference(argument: string, question: Question): Promise<readonly Answer[]> {
  const { invocation, registry } = question;
  const { platform } = invocation.flags;
  const reference = formatImageReference(parseImageReference(argument));
  invocation.listen();
  const existence = await registry.exists(reference, {
    platforms: platform?.split(","),
    signal: invocation.signal,
  });
  return [{ reference: argument, existence }];
}

async function askSpecs(sources: readonly string[], question: Question): Promise<readonly Answer[]> {
  const { invocation, project, registry } = question;
  const { signal, flags, surroundings } = invocation;
  return withSession({ ...invocation, sources }, project, {
    registry: flags.platform === undefined ? headOnly(registry) : registry,
    use: async ({ engine, named }) => {
      const images = await engine.resolve(named, signal);
      const answers = await engine.exists(named, { signal, onEvent: onWarning(surroundings) });
      return answers.map((existence, index) => ({ reference: images[index]!.reference, existence }));
    },
  });
}

async function ask(question: Question): Promise<readonly Answer[]> {
  const { invocation, project } = question;
  if (invocation.sources.length === 0) return askSpecs([], question);
  const answers = invocation.sources.map((argument) =>
    isSource(argument, project.config) ? askSpecs([argument], question) : askReference(argument, question),
  );
  return (await Promise.all(answers)).flat();
}

/** Whether images are there, by the registry, or by the engine's store where a spec has no registry. */
export async function exists(invocation: Invocation): Promise<ExitCode> {
  const { flags, surroundings } = invocation;
  const project = await openProject(flags, surroundings);
  const answers = await withRegistry(project, surroundings, (registry) =>
    ask({ invocation, project, registry }),
  );
  if (flags.json) {
    const documents = answers.map(({ reference, existence }) => existenceDocument(reference, existence));
    writeDocument(documents, surroundings);
  } else surroundings.stdout.write(answers.map((answer) => `${formatAnswer(answer)}\n`).join(""));
  return answersExitCode(answers.map(exitCodeFor));
}
