import { formatImageReference, parseImageReference } from "./image-reference.ts";

/**
 * The reference of an image by its digest alone: the tag is left out, for not every engine reads a name with both.
 * Without a digest it is `reference` as it is.
 *
 * @throws ImageSpecError `REFERENCE_INVALID`
 */
export function exactReference(reference: string, digest: string | undefined): string {
  if (digest === undefined) return reference;
  const { host, repository } = parseImageReference(reference);
  return formatImageReference({ host, repository, digest });
}
