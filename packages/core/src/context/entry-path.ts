import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ContextEntry } from "./context-entry.ts";
import { checkWrittenPath } from "./file-name.ts";

/** Entries in the order of a context: a folder before what it holds. */
export type ContextEntries = AsyncIterable<ContextEntry> | Iterable<ContextEntry>;

function isPlain(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== "..";
}

/**
 * Refuses an entry that would lie outside of the context, or that has two spellings.
 * @throws {ImageSpecError} `SPEC_PATH_OUTSIDE`, `SPEC_FILE_NAME`
 */
export function checkEntry(entry: ContextEntry): void {
  checkWrittenPath(entry.path);
  if (entry.type === "symlink") checkWrittenPath(entry.target);
  if (entry.path.split("/").every(isPlain)) return;
  throw new ImageSpecError(
    "SPEC_PATH_OUTSIDE",
    `${JSON.stringify(entry.path)} is no path below the context`,
    {
      file: entry.path,
      hint: "a context holds relative paths without empty parts, . and ..",
    },
  );
}
