import type { ImageSpec } from "../spec/image-spec.ts";
import { parseImageSpec } from "../spec/parse-image-spec.ts";
import type { Canonical } from "./encode-canonical.ts";
import { shortHash } from "./fingerprint.ts";
import { hostPlatform } from "./host-platform.ts";
import { type NormalizedSpec, normalizeSpec } from "./normalize-spec.ts";

/**
 * The identity of a normalised spec without anything read from a disk. Files, requirements and what only builders
 * know are left out, so that specs that share a tag share it.
 */
export function normalizedId(spec: NormalizedSpec, platforms: readonly string[] = spec.platforms): string {
  const base: Canonical =
    typeof spec.base === "string"
      ? spec.base
      : { id: normalizedId(normalizeSpec(spec.base, { hostPlatform, platforms })) };
  return shortHash({
    base,
    platforms,
    workDirectory: spec.workDirectory,
    steps: spec.steps as unknown as Canonical,
    packages: spec.packages,
    index: { ...spec.index },
    installProject: spec.installProject,
  });
}

/**
 * The spec's identity without anything read from a disk: 26 characters. It is in the image as IMAGESPEC_ID.
 *
 * @throws ImageSpecError as `parseImageSpec`, and for references and platforms that cannot be read
 */
export function specId(spec: ImageSpec): string {
  return normalizedId(normalizeSpec(parseImageSpec(spec), { hostPlatform }));
}

/**
 * Whether this process runs in the image that the spec describes. Outside of any image of ours it is true, so that
 * code guarded by it can be imported where specs are written.
 */
export function isContainer(spec: ImageSpec): boolean {
  const id = process.env.IMAGESPEC_ID;
  return id === undefined || id === specId(spec);
}
