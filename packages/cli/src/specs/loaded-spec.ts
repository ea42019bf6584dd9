import { type ImageSpec, parseImageSpec } from "@imagespec/core";
import { keyNotFound } from "./source-errors.ts";
import { placed, type SpecPlace } from "./spec-place.ts";

/** A spec with its name, if it has one where it stands, and where that is. */
export type LoadedSpec = Readonly<{
  spec: ImageSpec;
  name: string | undefined;
  /** What its paths are relative to, absolute. */
  cwd: string;
  place: SpecPlace;
}>;

/** Something that ought to be a spec. */
export type SpecEntry = Readonly<{ value: unknown; name: string | undefined; path: string }>;

/** What a file holds and where. */
export type SpecFile = Readonly<{
  file: string;
  entries: readonly SpecEntry[];
  lineOf: SpecPlace["lineOf"];
}>;

function nameOf({ name, value }: SpecEntry): string | undefined {
  const own = (value as { name?: unknown } | null)?.name;
  return name ?? (typeof own === "string" ? own : undefined);
}

/** The entry of that name, or at that place of a list. */
export function findEntry(entries: readonly SpecEntry[], key: string): SpecEntry | undefined {
  return (
    entries.find((entry) => nameOf(entry) === key) ?? entries.find(({ path }) => path.endsWith(`[${key}]`))
  );
}

function pick({ entries, file }: SpecFile, key: string): SpecEntry {
  const found = findEntry(entries, key);
  if (found) return found;
  throw keyNotFound(
    key,
    entries.map(nameOf).filter((name) => name !== undefined),
    file,
  );
}

function load(entry: SpecEntry, { file, lineOf }: SpecFile, cwd: string): LoadedSpec {
  const place = { file, path: entry.path, lineOf };
  return { spec: placed(place, () => parseImageSpec(entry.value)), name: entry.name, cwd, place };
}

/**
 * The specs of a file, or the one that `key` names.
 *
 * @throws ImageSpecError `SOURCE_KEY_NOT_FOUND`, and as `parseImageSpec` with the place of the fault
 */
export function loadEntries(file: SpecFile, key: string | undefined, cwd: string): readonly LoadedSpec[] {
  const entries = key === undefined ? file.entries : [pick(file, key)];
  return entries.map((entry) => load(entry, file, cwd));
}
