import { posix } from "node:path";

/** A file, symlink or folder of the context and its place in the archive. `content` tells whether two are the same. */
export type Placed = Readonly<{ from: string; to: string; content: string }>;

export const FOLDER = "folder";

/** What an archive holds, by place. */
export type Archive = ReadonlyMap<string, string>;

export function isBelow(place: string, folder: string): boolean {
  return place !== folder && (folder === "" || place.startsWith(folder === "/" ? "/" : `${folder}/`));
}

/** `to` with `below` under it; either may be "". */
export function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** The folders above a place, the nearest first, without the root. */
export function* parentsOf(place: string): Generator<string> {
  for (let parent = posix.dirname(place); parent !== "." && parent !== "/"; parent = posix.dirname(parent))
    yield parent;
}

/** What would be one place and two things; undefined where all fit together. */
export function findClash(groups: readonly (readonly Placed[])[]): readonly [number, number] | undefined {
  const owners = new Map<string, number>();
  const contents = new Map<string, string>();
  for (const [group, placed] of groups.entries()) {
    for (const { to, content } of placed) {
      const there = contents.get(to);
      if (there !== undefined && there !== content) return [owners.get(to) ?? group, group];
      contents.set(to, content);
      if (there === undefined) owners.set(to, group);
    }
  }
  for (const [place, group] of owners) {
    for (const parent of parentsOf(place)) {
      const above = contents.get(parent);
      if (above !== undefined && above !== FOLDER) return [owners.get(parent) ?? group, group];
    }
  }
  return undefined;
}

/** Files and symlinks as they are, and of the folders those that hold nothing: the others go without saying. */
export function withoutFilledFolders(all: Archive): Map<string, string> {
  const filled = new Set<string>();
  for (const place of all.keys()) for (const parent of parentsOf(place)) filled.add(parent);
  return new Map([...all].filter(([place, content]) => content !== FOLDER || !filled.has(place)));
}

export function isSame(one: Archive, other: Archive): boolean {
  return one.size === other.size && [...one].every(([place, content]) => other.get(place) === content);
}
