import { ImageSpecError, nearestName } from "@imagespec/core";

/** No file of that name. */
export function sourceNotFound(file: string, cause?: unknown): ImageSpecError {
  const hint = "name a spec file, or a key of images in imagespec.config.ts";
  return new ImageSpecError("SOURCE_NOT_FOUND", "there is no such file", { file, hint, cause });
}

/** A source holds specs, but none of that name. */
export function keyNotFound(key: string, known: readonly string[], file: string): ImageSpecError {
  const nearest = nearestName(key, known);
  const there = known.length === 0 ? "its specs have no names" : `there are ${known.join(", ")}`;
  return new ImageSpecError("SOURCE_KEY_NOT_FOUND", `no spec is called ${JSON.stringify(key)}`, {
    file,
    hint: nearest ? `did you mean ${nearest}?` : there,
  });
}
