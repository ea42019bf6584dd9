import { ImageSpecError } from "@imagespec/core";

/** A tool that ended well and gave no image. */
export function engineVanished(program: string, image: string): ImageSpecError {
  return new ImageSpecError("ENGINE_LOST", `${program} ended without an image`, {
    image,
    hint: `${program} info   shows whether it works`,
  });
}
