import type { ImageSpec } from "./image-spec.ts";
import { parseImageSpec } from "./parse-image-spec.ts";

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

/**
 * The spec, validated, canonically spelled and frozen. The one that was given is left as it is.
 *
 * @throws ImageSpecError as `parseImageSpec`
 */
export function defineImage(spec: ImageSpec): ImageSpec {
  return freeze(parseImageSpec(structuredClone(spec)));
}
