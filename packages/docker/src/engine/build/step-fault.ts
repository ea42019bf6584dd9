import type { Remedies } from "../drivers/remedies.ts";
import { NO_ROOM } from "../no-room.ts";
import type { StepRecord } from "./build-progress.ts";
import { stepScript } from "./describe-step.ts";

export type StepFault = Readonly<{ code: string; message: string; hint: string; field?: string }>;

type KnownFault = StepFault & Readonly<{ pattern: RegExp; scripts?: readonly string[] }>;

/** In what tools say. `scripts`: said by one of these of ours, for a user's command may say anything. */
const known: readonly KnownFault[] = [
  {
    pattern: /lockfile .* needs to be updated/i,
    scripts: ["uv-project"],
    code: "SPEC_STALE_LOCK",
    message: "uv.lock does not match its pyproject.toml",
    hint: "uv lock",
    field: "requirements",
  },
  {
    pattern: /pyproject\.toml changed significantly|poetry\.lock is not up to date/i,
    scripts: ["poetry-project"],
    code: "SPEC_STALE_LOCK",
    message: "poetry.lock does not match its pyproject.toml",
    hint: "poetry lock",
    field: "requirements",
  },
  {
    pattern:
      /wheel for the current platform|no wheels? with a matching platform|unable to find installation candidates/i,
    scripts: ["uv-project", "poetry-project", "requirements", "pyproject"],
    code: "BUILD_PACKAGE_PLATFORM",
    message: "a package is not there for PLATFORM",
    hint: "name a platform that it is for: --platform linux/arm64; or leave it out elsewhere: NAME; platform_machine == 'aarch64'",
    field: "platform",
  },
];

function killed({ memory }: Remedies): StepFault {
  return {
    code: "BUILD_STEP_KILLED",
    message: "a step of the build was killed, most often for want of memory",
    hint: `${memory}; give it more memory, or run less at once in the step`,
  };
}

function diskFull({ disk }: Remedies): StepFault {
  return { code: "ENGINE_DISK_FULL", message: "the engine's disk is full", hint: disk };
}

/** What SIGKILL makes of a process: 128 and the signal's number. */
const KILLED_EXIT_CODE = 137;

/** Why a step failed, where more can be told than that it did. */
export function stepFault(
  { name, log }: StepRecord,
  exitCode: number | undefined,
  { platform, remedies }: Readonly<{ platform: string; remedies: Remedies }>,
): StepFault | undefined {
  if (exitCode === KILLED_EXIT_CODE) return killed(remedies);
  if (log.some((line) => NO_ROOM.test(line))) return diskFull(remedies);
  const script = stepScript(name) ?? "";
  const fault = known.find(({ pattern, scripts }) => {
    return (scripts === undefined || scripts.includes(script)) && log.some((line) => pattern.test(line));
  });
  return fault && { ...fault, message: fault.message.replace("PLATFORM", platform) };
}
