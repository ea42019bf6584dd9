import { ImageSpecError } from "@imagespec/core";

/** What the command tells the shell. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** Wrong usage, a spec that is not valid, or one that its builder refuses. */
  invalid: 2,
  unknown: 3,
  /** `plan --exit-code`: something would be built. */
  wouldBuild: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const exact: Readonly<Record<string, ExitCode>> = {
  ABORTED: exitCodes.interrupted,
  EXISTENCE_UNKNOWN: exitCodes.unknown,
  USAGE: exitCodes.invalid,
  HOST_UNSUPPORTED: exitCodes.invalid,
  SECRET_NOT_FOUND: exitCodes.invalid,
  SECRET_TOO_LARGE: exitCodes.invalid,
  CA_CERTIFICATES_UNREADABLE: exitCodes.invalid,
  BUILDER_NOT_INSTALLED: exitCodes.invalid,
  BUILDER_INTERFACE: exitCodes.invalid,
  BUILDER_LOAD_FAILED: exitCodes.invalid,
  BUILDER_OPTIONS: exitCodes.invalid,
};

/** What is wrong with the input has a code that begins with its kind, or that says so at its end. */
const invalidInput = /^(SPEC|SOURCE|CONFIG|REFERENCE|PLATFORMS?|ENVIRONMENT|EMIT|OUTPUT|LOCK)_|_INVALID$/;

/** A list of faults is what a spec is refused with, by its schema or by its builder, whose codes are its own. */
function isRefusal({ details }: ImageSpecError): boolean {
  return (details.issues ?? []).length > 0;
}

/** The exit code for an error that ended the command. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!ImageSpecError.isInstance(error)) return exitCodes.failed;
  const { code } = error;
  if (Object.hasOwn(exact, code)) return exact[code]!;
  return isRefusal(error) || invalidInput.test(code) ? exitCodes.invalid : exitCodes.failed;
}

/** Of several images' codes, the one that says most: an interruption, what is wrong with a spec, a failure, unknown. */
const ranks: readonly ExitCode[] = [
  exitCodes.interrupted,
  exitCodes.invalid,
  exitCodes.failed,
  exitCodes.unknown,
  exitCodes.wouldBuild,
];

export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return ranks.find((code) => codes.includes(code)) ?? exitCodes.done;
}

/** Of several answers to the question whether images are there: one that is unknown leaves all open. */
export function answersExitCode(codes: readonly ExitCode[]): ExitCode {
  return codes.includes(exitCodes.unknown) ? exitCodes.unknown : worstExitCode(codes);
}
