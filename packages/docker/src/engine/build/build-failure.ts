import { baseImageFailure, type FailedStep, ImageSpecError, parseImageReference } from "@imagespec/core";
import { TOOL_FOLDER } from "../cli/tool-files.ts";
import type { Remedies } from "../drivers/remedies.ts";
import { NO_ROOM, noTemporaryRoom } from "../no-room.ts";
import type { StepRecord } from "./build-progress.ts";
import { stepCommand, stepTitle } from "./describe-step.ts";
import { stepFault } from "./step-fault.ts";

export type FailedBuild = Readonly<{
  /** What the engine said last. */
  message: string;
  steps: readonly StepRecord[];
  /** The image to be built. */
  image: string;
  /** The reference of the image that it starts from. */
  base: string;
  platform: string;
  /** Of the engine that built. */
  remedies: Remedies;
}>;

/** The typed error of a build that the engine says has failed. */
export function buildFailure(build: FailedBuild): ImageSpecError {
  const step = failedStep(build);
  if (NO_ROOM.test(withoutCommands(build.message))) return diskFull(build, step);
  const notPulled = pullFailure(build, step);
  if (notPulled !== undefined) return notPulled;
  if (step === undefined || stepCommand(step.name) === undefined) return otherFailure(build);
  return stepFailure(build, step);
}

/** A step may have any words in its command, which engines quote. */
function withoutCommands(message: string): string {
  return message.replace(/"(?:[^"\\]|\\.)*"|\[.*\]/gs, "");
}

/** Steps that run beside the failed one are cancelled, and say so. */
function failedStep({ steps, message }: FailedBuild): StepRecord | undefined {
  const failed = steps.filter(({ error }) => error !== "" && !/context canceled|Canceled/.test(error));
  return failed.find(({ error }) => message.includes(error)) ?? failed[0] ?? namedStep(steps, message);
}

/** Where two builds share a step, the text of one may leave it out: then only the last word on the build names it. */
function namedStep(steps: readonly StepRecord[], message: string): StepRecord | undefined {
  const [, listed, quoted] =
    /executor failed running \[(.*)\]: exit|process "(.*)" did not complete/s.exec(message) ?? [];
  const words = (listed ?? quoted ?? "").split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return undefined;
  const step = steps.findLast(({ name }) => words.every((word) => name.includes(word)));
  return { name: `RUN ${words.join(" ")}`, log: [], ...step, error: message };
}

function pulledReference(name: string): string | undefined {
  return /(?:load metadata for|\] FROM|resolve image config for) (?:--\S+ )?(?:docker-image:\/\/)?(\S+)/.exec(
    name,
  )?.[1];
}

function pullFailure(
  { image, base, platform, message }: FailedBuild,
  step: StepRecord | undefined,
): ImageSpecError | undefined {
  const reference = pulledReference(step?.name ?? "");
  if (reference === undefined || isImageId(reference)) return undefined;
  const field = isBase(reference, base) ? "baseImage" : "builderOptions.docker";
  return baseImageFailure({ reference, image, field, said: lastClause(step?.error || message) }, platform);
}

/** Of a stage before, which podman and buildah tell by its id. */
function isImageId(reference: string): boolean {
  return /^[0-9a-f]{64}$/.test(reference);
}

function isBase(reference: string, base: string): boolean {
  const [left, right] = [parseImageReference(reference), parseImageReference(base)];
  return left.host === right.host && left.repository === right.repository;
}

function stepFailure(build: FailedBuild, step: StepRecord): ImageSpecError {
  const exitCode = exitCodeOf(step.error) ?? exitCodeOf(build.message);
  const why = exitCode === undefined ? lastClause(step.error) : `exit code ${exitCode}`;
  const details = { image: build.image, step: { ...stepDetails(step), exitCode } };
  const fault = stepFault(step, exitCode, build);
  if (fault !== undefined) {
    const { code, message, hint, field } = fault;
    return new ImageSpecError(code, `${message} (${why})`, { ...details, hint, field });
  }
  return new ImageSpecError("BUILD_STEP_FAILED", `a step of the build failed: ${why}`, {
    ...details,
    hint: stepHint(build, step),
  });
}

function stepDetails({ name, log }: StepRecord): Pick<FailedStep, "name" | "command" | "log"> {
  return { name: stepTitle(name), command: stepCommand(name), log };
}

function stepHint({ platform }: FailedBuild, { log, error }: StepRecord): string {
  const [, architecture = platform] = platform.split("/");
  if (/exec format error/i.test([...log, error].join("\n"))) {
    return `docker run --privileged --rm tonistiigi/binfmt --install ${architecture}   lets this engine run ${platform}`;
  }
  return "imagespec build --progress plain   shows the whole log";
}

function exitCodeOf(text: string): number | undefined {
  const code = /(?:exit code:|exit status|non-zero code:) (\d+)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** podman and buildah say a great deal about a file that they cannot copy. */
function diskFull({ image, message, remedies }: FailedBuild, step: StepRecord | undefined): ImageSpecError {
  const [said = lastClause(message), place = ""] =
    /[^:\n]*?(\S*): no space left on device/i.exec(message) ?? [];
  if (place.includes(TOOL_FOLDER)) return noTemporaryRoom(said.trim(), image);
  return new ImageSpecError("ENGINE_DISK_FULL", `the engine's disk is full: ${said.trim()}`, {
    image,
    hint: remedies.disk,
    step: step && stepDetails(step),
  });
}

function otherFailure({ image, message }: FailedBuild): ImageSpecError {
  return new ImageSpecError("BUILD_FAILED", `the engine could not build the image: ${lastClause(message)}`, {
    image,
    hint: "imagespec build --progress plain   shows the whole log",
  });
}

/** Without the layers of "failed to solve: …" that BuildKit wraps around the cause. */
function lastClause(message: string): string {
  return message
    .replace(/^(?:failed to (?:solve|create LLB definition)[^:]*: |rpc error: [^:]*: desc = )+/i, "")
    .trim();
}
