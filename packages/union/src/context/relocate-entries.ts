import { orderEntries } from "@imagespec/core";
import type { ContextEntry } from "@imagespec/core/builder";
import type { ContextLayout } from "../layout/context-layout.ts";

function withText(entry: ContextEntry, text: string): ContextEntry {
  if (entry.type !== "file") return entry;
  const bytes = Buffer.from(text);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { type: "file", path: entry.path, mode: entry.mode, size: bytes.length, open };
}

/** The entries of a context as they lie in the archive. */
export async function* relocateEntries(
  entries: AsyncIterable<ContextEntry>,
  { places, texts }: ContextLayout,
): AsyncGenerator<ContextEntry> {
  const moved: ContextEntry[] = [];
  for await (const entry of entries) {
    const place = places.get(entry.path);
    if (place === undefined) continue;
    const text = texts.get(place);
    const there = { ...entry, path: place };
    moved.push(text === undefined ? there : withText(there, text));
  }
  yield* orderEntries(moved);
}
