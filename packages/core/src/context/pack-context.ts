import { Readable } from "node:stream";
import { type Header, type Pack, pack } from "tar-stream";
import type { ContextEntry } from "./context-entry.ts";

/** 1980-01-01, since Python's zipfile refuses years before it. */
const modified = new Date(315_532_800_000);

const readAhead = 1024 * 1024;

function headerOf(entry: ContextEntry): Partial<Header> & Pick<Header, "name"> {
  const common = { name: entry.path, uid: 0, gid: 0, mtime: modified };
  switch (entry.type) {
    case "directory":
      return { ...common, type: "directory", mode: entry.mode };
    case "symlink":
      return { ...common, type: "symlink", mode: 0o777, linkname: entry.target };
    case "file":
      return { ...common, type: "file", mode: entry.mode, size: entry.size };
  }
}

async function addEntry(tar: Pack, entry: ContextEntry): Promise<void> {
  const sink = tar.entry(headerOf(entry));
  if (entry.type !== "file") return;
  for await (const chunk of entry.open()) {
    if (sink.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      sink.once("drain", () => resolve());
      sink.once("close", () => resolve());
    });
  }
  sink.end(undefined);
}

async function addEntries(
  tar: Pack,
  entries: AsyncIterable<ContextEntry> | Iterable<ContextEntry>,
): Promise<void> {
  for await (const entry of entries) await addEntry(tar, entry);
  tar.finalize();
}

/**
 * The entries as an uncompressed tar: one encoding for the same entries, whoever packs them, when and where. Owner 0,
 * times 315532800, long and non-ASCII names by pax. An error of an entry destroys the stream with that error.
 */
export function packContext(entries: AsyncIterable<ContextEntry> | Iterable<ContextEntry>): Readable {
  const tar = pack({ highWaterMark: readAhead });
  const readable = Readable.from(tar, { objectMode: false, highWaterMark: readAhead });
  readable.once("close", () => tar.destroy());
  addEntries(tar, entries).catch((error: Error) => readable.destroy(error));
  return readable;
}
