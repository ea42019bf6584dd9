/** What a canonical encoding can hold. Absent fields are left out, not encoded. */
export type Canonical =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Canonical[]
  | { readonly [key: string]: Canonical | undefined };

/** Code unit order: the same in every locale and on every host. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function framed(type: string, body: string): string {
  return `${type}${Buffer.byteLength(body)}:${body}`;
}

function encodeRecord(value: { readonly [key: string]: Canonical | undefined }): string {
  const entries = Object.entries(value)
    .filter((entry): entry is [string, Canonical] => entry[1] !== undefined)
    .sort(([a], [b]) => compareText(a, b));
  return framed("d", entries.map(([key, item]) => framed("s", key) + encodeCanonical(item)).join(""));
}

/**
 * An injective text for a value: a type letter, the length of the body in bytes of UTF-8, the body. Two different
 * values never give the same text, whatever their strings hold, and no concatenation of texts can be read two ways.
 * Strings must be well-formed Unicode.
 */
export function encodeCanonical(value: Canonical): string {
  if (value === null) return "n0:";
  if (typeof value === "string") return framed("s", value);
  if (typeof value === "boolean") return framed("b", value ? "1" : "0");
  if (typeof value === "bigint") return framed("i", String(value));
  if (typeof value === "number") {
    return Number.isInteger(value) ? framed("i", String(value)) : framed("f", String(value));
  }
  if (Array.isArray(value)) return framed("l", value.map(encodeCanonical).join(""));
  return encodeRecord(value as { readonly [key: string]: Canonical | undefined });
}
