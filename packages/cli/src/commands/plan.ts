import { type PlannedImage, unlockedBases } from "@imagespec/core";
import { type ExitCode, exitCodes, worstExitCode } from "../exit-code.ts";
import { changesSinceLastBuild } from "../explain/plan-changes.ts";
import type { PlanFlags } from "../options/flags.ts";
import { formatPlan } from "../output/format-plan.ts";
import { formatDocument } from "../output/json-document.ts";
import { type ForeseenImage, plannedImageDocument } from "../output/planned-document.ts";
import { onWaiting, onWarning, writeIssue } from "../output/write-issue.ts";
import { writeMetadata } from "../output/write-metadata.ts";
import { openProject } from "../project.ts";
import { type Invocation, withRegistry, withSession } from "../session.ts";
import { buildSettings } from "./build-settings.ts";

type Settings = ReturnType<typeof buildSettings>;
type Foreseen = Omit<ForeseenImage, "changes">;

function isRefused({ issues }: Pick<PlannedImage, "issues">): boolean {
  return issues.some(({ severity }) => severity === "error");
}

/** What `build` with the same flags would do. */
function foresee(planned: PlannedImage, { force, ifUnknown }: Settings): Foreseen {
  if (isRefused(planned)) return planned;
  if (force) return { ...planned, action: "build", reason: "--force" };
  if (planned.action !== "blocked" || ifUnknown === "error") return planned;
  return { ...planned, action: ifUnknown, reason: `${planned.reason}, and --if-unknown ${ifUnknown}` };
}

function exitCodeFor(planned: Foreseen, wantsCode: boolean): ExitCode {
  if (planned.action === "build") return wantsCode ? exitCodes.wouldBuild : exitCodes.done;
  if (planned.action !== "blocked") return exitCodes.done;
  return isRefused(planned) ? exitCodes.invalid : exitCodes.unknown;
}

/** Of what would be built, as `build` does. */
function warnOfUnlocked(
  images: readonly Pick<Foreseen, "action" | "image">[],
  { flags, surroundings }: Invocation<PlanFlags>,
): void {
  const issue = unlockedBases(images.filter(({ action }) => action === "build").map(({ image }) => image));
  if (issue && flags.progress !== "quiet") writeIssue(issue, surroundings);
}

/** What `build` would do for each image, and why. */
export async function plan(invocation: Invocation<PlanFlags>): Promise<ExitCode> {
  const { flags, surroundings, signal } = invocation;
  const project = await openProject(flags, surroundings);
  const settings = buildSettings(flags, project);
  const { push, secrets } = settings;
  const { images: planned, changes } = await withRegistry(project, surroundings, (registry) =>
    withSession(invocation, project, {
      registry,
      use: async (session) => {
        const onEvent = (flags.progress === "quiet" ? onWaiting : onWarning)(surroundings);
        const images = await session.engine.plan(session.named, { push, secrets, signal, onEvent });
        const changes = await changesSinceLastBuild(images, { invocation, project, session });
        return { images, changes };
      },
    }),
  );
  const images = planned.map((image, index) => ({ ...foresee(image, settings), changes: changes[index] }));
  warnOfUnlocked(images, invocation);
  const document = formatDocument({ images: images.map(plannedImageDocument) });
  surroundings.stdout.write(flags.json ? document : formatPlan(images));
  if (flags.metadataFile !== undefined) writeMetadata(flags.metadataFile, document, project);
  return worstExitCode(images.map((image) => exitCodeFor(image, flags.exitCode === true)));
}
