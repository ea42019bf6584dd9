import { createWriteStream } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { ContextEntry } from "./context-entry.ts";

/** Writes the entries to a new or empty folder. */
export async function writeContext(
  entries: AsyncIterable<ContextEntry> | Iterable<ContextEntry>,
  directory: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for await (const entry of entries) {
    const place = `${directory}/${entry.path}`;
    if (entry.type === "directory") await mkdir(place);
    else if (entry.type === "symlink") await symlink(entry.target, place);
    else {
      await pipeline(entry.open(), createWriteStream(place, { flags: "wx", mode: entry.mode }));
      await chmod(place, entry.mode);
    }
  }
}
