import { formatImageReference, type ImageReference, parseImageReference } from "@imagespec/core";

/** A reference and its full name. */
export type ReadReference = Readonly<{ reference: ImageReference; name: string }>;

const MAX_KEPT = 1_000;

/** Reads references, each text once: an image is asked for again and again, and reading it takes longer than the rest. */
export class ReferenceReader {
  readonly #kept = new Map<string, ReadReference>();

  /** @throws ImageSpecError `REFERENCE_INVALID`. */
  read(text: string): ReadReference {
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const reference = parseImageReference(text);
    const read = { reference, name: formatImageReference(reference) };
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(text, read);
    return read;
  }
}
