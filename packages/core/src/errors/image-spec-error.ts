const brand: unique symbol = Symbol.for("imagespec.error") as never;

/** Where an error was found and what helps against it. Every part is optional and is printed when there. */
export type ErrorDetails = Readonly<{
  /** The spec's field, as a path: `copy[0].from`. */
  field?: string | undefined;
  /** The file the fault is in, as the user named it. */
  file?: string | undefined;
  /** 1-based line in `file`. */
  line?: number | undefined;
  /** What to do, best a command that can be pasted. */
  hint?: string | undefined;
  /** The name or reference of the image concerned. */
  image?: string | undefined;
  /** The failed build step, its command, exit code and last log lines. */
  step?: FailedStep | undefined;
  /** Further faults found in the same pass. */
  issues?: readonly ErrorIssue[] | undefined;
  cause?: unknown;
}>;

/** The step of a build that failed, whichever engine ran it. */
export type FailedStep = Readonly<{
  name: string;
  command?: string | undefined;
  exitCode?: number | undefined;
  /** The last lines of the step's log, oldest first, at most 20. */
  log?: readonly string[] | undefined;
}>;

/** One more fault, with a code of its own. */
export type ErrorIssue = Readonly<{
  code: string;
  message: string;
  field?: string | undefined;
  hint?: string | undefined;
}>;

/**
 * Every error that imagespec throws on purpose. `code` is stable and documented in `docs/errors.md`.
 *
 * Recognise one with {@link ImageSpecError.isInstance}, never by `instanceof`: two copies of this package may be
 * loaded, and both brand their errors with `Symbol.for("imagespec.error")`.
 */
export class ImageSpecError extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ImageSpecError";
    this.code = code;
    const { cause: _, ...rest } = details;
    this.details = rest;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for an error of any copy of this package. */
  static isInstance(value: unknown): value is ImageSpecError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }
}
