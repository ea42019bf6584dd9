import { type ErrorDetails, ImageSpecError } from "@imagespec/core";

/** The same error, with more or other details. */
export function withDetails(
  error: ImageSpecError,
  details: ErrorDetails,
  message: string = error.message,
): ImageSpecError {
  const cause = error.cause ?? error;
  return new ImageSpecError(error.code, message, { ...error.details, ...details, cause });
}
