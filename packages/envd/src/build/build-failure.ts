import { baseImageFailure, ImageSpecError, pushFailure } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import { lastError } from "../cli/last-error.ts";
import { baseReference } from "../emit/base.ts";
import type { StepRecord } from "./progress.ts";

/** What is known of an envd that did not end well. */
export type FailedEnvd = Readonly<{
  plan: BuildPlan;
  reference: string;
  step: StepRecord | undefined;
  /** What it wrote to its log, newest last. */
  said: readonly string[];
  ending: string;
  /** Where it builds, for people. */
  place: string;
}>;

type Fault = Readonly<{ pattern: RegExp; code: string; message: string; hint: string; field?: string }>;

/** Of the builder itself and of the machine it runs on; PLACE is replaced. */
const diskFull: Fault = {
  pattern: /no space left on device/i,
  code: "ENVD_DISK_FULL",
  message: "the builder's disk is full",
  hint: "buildctl prune, or docker builder prune   frees the build cache",
};

const unreachable: Fault = {
  pattern:
    /cannot connect to (buildkitd|the docker daemon)|failed to (list workers|dial)|failed to (connect|new|create|get) .*(client|buildkit)|no such file or directory.*sock|closing transport|error reading from server|transport is closing|code = Unavailable/i,
  code: "ENVD_BUILDER_UNREACHABLE",
  message: "the builder PLACE does not answer, or no more",
  hint: "start it, or name another: builderOptions.envd.context; Docker's engine is where DOCKER_HOST says",
};

const pipFaults: readonly Fault[] = [
  {
    pattern: /externally-managed-environment|See PEP 668/,
    code: "ENVD_PYTHON_MANAGED",
    message: "the base's Python lets pip install nothing (PEP 668)",
    hint: "name a base whose pip may: one with a virtual environment, or with break-system-packages=true in /etc/pip.conf",
    field: "baseImage",
  },
  {
    pattern: /exec: "python": executable file not found|No module named pip\b/,
    code: "ENVD_NO_PYTHON",
    message: "the base has no program python with pip",
    hint: "name a base that has: docker.io/library/python:3.12-slim; or give pythonVersion and envd brings one",
    field: "baseImage",
  },
];

function baseFailure(failed: FailedEnvd, said: string): ImageSpecError {
  const { plan, reference: image } = failed;
  const reference = baseReference(failed);
  const [platform = "linux/amd64"] = plan.platforms;
  const known = baseImageFailure({ reference, image, field: "baseImage", said }, platform);
  return (
    known ??
    new ImageSpecError("BASE_IMAGE_UNREACHABLE", `${reference} cannot be read from its registry (${said})`, {
      field: "baseImage",
      image,
      hint: `docker pull ${reference}   shows what the registry answers`,
    })
  );
}

function isOfBase(step: StepRecord | undefined, message: string): boolean {
  return (
    /failed to get the image config|load metadata for|failed to resolve source metadata/.test(message) ||
    /^(docker-image:\/\/|resolve image config|\[internal\] load metadata)/.test(step?.name ?? "")
  );
}

function builderFailure(fault: Fault, failed: FailedEnvd, message: string): ImageSpecError {
  const { reference: image, place } = failed;
  const text = fault.message.replace("PLACE", place);
  return new ImageSpecError(fault.code, `${text} (${message})`, {
    field: fault.field,
    image,
    hint: fault.hint,
  });
}

/** The text of a command has line breaks, so that progress tells only how its error begins. */
function stepFailure(step: StepRecord, { reference: image, said }: FailedEnvd): ImageSpecError {
  const exitCode = /exit code: (\d+)/.exec(`${step.error} ${lastError(said)}`)?.[1];
  const why = exitCode === undefined ? step.error : `exit code ${exitCode}`;
  return new ImageSpecError("BUILD_STEP_FAILED", `a step of the build failed: ${why}`, {
    image,
    hint: "imagespec build --progress plain   shows the whole log",
    step: {
      name: step.name,
      exitCode: exitCode === undefined ? undefined : Number(exitCode),
      log: step.log,
    },
  });
}

function cacheFailure({ reference: image }: FailedEnvd, message: string): ImageSpecError {
  return new ImageSpecError("ENVD_CACHE_NOT_EXPORTED", `the build's cache cannot be stored (${message})`, {
    field: "builderOptions.envd.exportCache",
    image,
    hint: "some registries take it in another form alone: add ,image-manifest=true to exportCache",
  });
}

/** What failed, by the name that envd gives to the step. */
function failureOfStep(step: StepRecord, failed: FailedEnvd, message: string): ImageSpecError {
  if (step.name.startsWith("exporting cache")) return cacheFailure(failed, message);
  if (/^(exporting|pushing)/.test(step.name))
    return pushFailure(failed.reference, message, "buildkitd").error;
  const said = [message, ...step.log].join("\n");
  const isPip = /^\[internal\] pip install /.test(step.name);
  const fault = isPip ? pipFaults.find(({ pattern }) => pattern.test(said)) : undefined;
  return fault ? builderFailure(fault, failed, message) : stepFailure(step, failed);
}

/** The typed error for an envd that did not end well. */
export function buildFailure(failed: FailedEnvd): ImageSpecError {
  const { step, said, ending, reference: image } = failed;
  const last = lastError(said);
  const message = step?.error ?? (last || ending);
  const isCommand = /exit code: \d+/.test(`${step?.error} ${last}`);
  if (diskFull.pattern.test([message, last, ...(step?.log ?? [])].join("\n"))) {
    return builderFailure(diskFull, failed, message);
  }
  if (isOfBase(step, message)) return baseFailure(failed, message);
  if (!isCommand && unreachable.pattern.test(`${message}\n${last}`)) {
    return builderFailure(unreachable, failed, last || message);
  }
  if (step) return failureOfStep(step, failed, message);
  return new ImageSpecError("ENVD_FAILED", `envd ${ending}: ${message}`, {
    image,
    hint: "imagespec build --progress plain   shows all that envd says",
  });
}
