/** Zero-based positions, both inclusive. */
export type ByteRange = Readonly<{ start: number; end: number }>;

const rangePattern = /^(?<start>[0-9]*)-(?<end>[0-9]*)$/;
const contentRangePattern = /^(?:bytes )?(?<start>[0-9]+)-(?<end>[0-9]+)(?:\/(?:[0-9]+|\*))?$/;

/**
 * The part of a representation of `size` bytes that a Range header asks for (RFC 9110, section 14.2). `undefined` means
 * the whole: no header, a unit other than bytes, or several ranges at once. A malformed range is unsatisfiable.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const set = /^bytes=(?<set>.*)$/i.exec(header ?? "")?.groups?.set?.trim();
  if (set === undefined || set.includes(",")) return undefined;
  const { start = "", end = "" } = rangePattern.exec(set)?.groups ?? {};
  return start === "" ? lastBytes(end, size) : bytesFrom(Number(start), end, size);
}

function lastBytes(count: string, size: number): ByteRange | "unsatisfiable" | undefined {
  if (count === "" || Number(count) === 0) return "unsatisfiable";
  return size === 0 ? undefined : { start: Math.max(0, size - Number(count)), end: size - 1 };
}

function bytesFrom(start: number, end: string, size: number): ByteRange | "unsatisfiable" {
  const last = end === "" ? size - 1 : Math.min(Number(end), size - 1);
  return start < size && start <= last ? { start, end: last } : "unsatisfiable";
}

/** The `<start>-<end>` of an upload's Content-Range, also where it is written in HTTP's way; `undefined`: malformed. */
export function parseContentRange(header: string): ByteRange | undefined {
  const groups = contentRangePattern.exec(header)?.groups;
  const range = { start: Number(groups?.start), end: Number(groups?.end) };
  return Number.isSafeInteger(range.end) && range.start <= range.end ? range : undefined;
}
