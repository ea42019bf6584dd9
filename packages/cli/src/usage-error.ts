import { type ErrorDetails, ImageSpecError } from "@imagespec/core";

/** The command was called in a way that it does not understand. */
export function usageError(message: string, details: ErrorDetails = {}): ImageSpecError {
  return new ImageSpecError("USAGE", message, { hint: "imagespec --help", ...details });
}
