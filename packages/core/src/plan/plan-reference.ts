import { ImageSpecError } from "../errors/image-spec-error.ts";
import { parseImageReference } from "../reference/image-reference.ts";
import type { BuildPlan, ImageDestination } from "./build-plan.ts";
import { fingerprint } from "./fingerprint.ts";

const placeholder = /\{(?:hash|spec_hash)\}/g;

function formatTag(format: string | undefined, hash: string): string {
  if (format === undefined) return hash;
  const tag = format.replace(placeholder, hash);
  const hint = 'write the hash as {hash}, for example "{hash}-dev"';
  if (tag === format) {
    throw new ImageSpecError("SPEC_TAG_FORMAT", "the tag format does not hold the hash", {
      field: "tagFormat",
      hint,
    });
  }
  if (!/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new ImageSpecError(
      "SPEC_TAG_FORMAT",
      `the tag would be ${JSON.stringify(tag)}, which is not a legal tag`,
      {
        field: "tagFormat",
        hint: "a tag has letters, digits, _ . and -, at most 128, and starts with neither . nor -",
      },
    );
  }
  return tag;
}

/** `ghcr.io/org/name`, or `name` alone for the local engine's store. */
export function repositoryOf({ registry, name }: ImageDestination): string {
  return registry === undefined ? name : `${registry}/${name}`;
}

/**
 * The reference that a plan's image gets: registry prefix, name and tag.
 *
 * @throws ImageSpecError `SPEC_TAG_FORMAT`; `REFERENCE_INVALID` when name and registry make no legal repository
 */
export function planReference(plan: BuildPlan, hash: string = fingerprint(plan)): string {
  const reference = `${repositoryOf(plan.destination)}:${formatTag(plan.destination.tagFormat, hash)}`;
  parseImageReference(reference);
  return reference;
}
