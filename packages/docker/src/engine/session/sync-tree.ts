import type { ContextEntry } from "@imagespec/core";

const special = /[*?[\]\\!]/;

/** Entries in the order in which BuildKit takes them: by bytes, what a folder holds right behind it. */
export function inSyncOrder(entries: readonly ContextEntry[]): readonly ContextEntry[] {
  const keyed = entries.map((entry) => ({ entry, key: Buffer.from(entry.path.replaceAll("/", "\0")) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ entry }) => entry);
}

/**
 * What has to be sent where only some paths are asked for: those, what is below them, and the folders above. More than
 * that does no harm: everything, where a path is a pattern or leads through a symlink.
 */
export function wantedEntries(
  entries: readonly ContextEntry[],
  paths: readonly string[],
): readonly ContextEntry[] {
  const wanted = paths.map((path) => path.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, ""));
  if (wanted.length === 0 || wanted.some((path) => path === "" || path === "." || special.test(path))) {
    return entries;
  }
  const above = new Set(wanted.flatMap(parentsOf));
  const isOnWay = ({ path }: ContextEntry): boolean => above.has(path);
  if (entries.some((entry) => entry.type === "symlink" && isOnWay(entry))) return entries;
  const isBelow = ({ path }: ContextEntry): boolean => wanted.some((one) => path.startsWith(`${one}/`));
  return entries.filter((entry) => isOnWay(entry) || isBelow(entry));
}

/** A path and the folders that it lies in. */
function parentsOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
