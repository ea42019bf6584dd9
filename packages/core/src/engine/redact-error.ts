import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { Redactor } from "./redactor.ts";

/**
 * Any thrown value as an `ImageSpecError` without secrets. What is not one of ours is a fault of the builder named:
 * its own text stays, under the code `BUILDER_FAILED`.
 */
export function asImageSpecError(error: unknown, redactor: Redactor, image: string): ImageSpecError {
  if (ImageSpecError.isInstance(error)) {
    return new ImageSpecError(error.code, redactor.text(error.message), {
      image,
      ...redactor.data(error.details),
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ImageSpecError("BUILDER_FAILED", redactor.text(message), {
    image,
    hint: "this is a fault of the builder, not of the spec: run again with --debug and report it",
  });
}

/** The error of a cancelled run. */
export function abortedError(image?: string): ImageSpecError {
  return new ImageSpecError("ABORTED", "cancelled", { image });
}
