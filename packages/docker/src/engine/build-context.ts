import type { Readable } from "node:stream";
import { type ContextEntry, type EmittedFile, packContext } from "@imagespec/core";

export type ContextParts = Readonly<{
  files: readonly EmittedFile[];
  entries: AsyncIterable<ContextEntry>;
  /** Told how many bytes of files were packed so far, now and then and at the end. */
  report(bytes: number, done: boolean): void;
}>;

const REPORT_BYTES = 8 * 1024 * 1024;

/** The tar that an engine is sent: emitted files in front of the context's entries. */
export function buildContext(parts: ContextParts): Readable {
  return packContext(countedEntries(parts));
}

/** Emitted files, then the context's own entries. */
export async function* allEntries(
  files: readonly EmittedFile[],
  entries: AsyncIterable<ContextEntry>,
): AsyncGenerator<ContextEntry> {
  yield* emittedEntries(files);
  yield* entries;
}

async function* countedEntries({ files, entries, report }: ContextParts): AsyncGenerator<ContextEntry> {
  const counter = new ByteCounter(report);
  for await (const entry of allEntries(files, entries)) yield counter.count(entry);
  counter.end();
}

/** Emitted files as entries of a context, each folder before what it holds. */
export function emittedEntries(files: readonly EmittedFile[]): readonly ContextEntry[] {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  const directories = [...folders].map((path): ContextEntry => ({ type: "directory", path, mode: 0o755 }));
  return [...directories, ...files.map(fileEntry)].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function fileEntry({ path, content, mode = 0o644 }: EmittedFile): ContextEntry {
  const bytes = Buffer.from(content);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { type: "file", path, mode, size: bytes.length, open };
}

class ByteCounter {
  readonly #report: ContextParts["report"];
  #bytes = 0;
  #reported = 0;

  constructor(report: ContextParts["report"]) {
    this.#report = report;
  }

  count(entry: ContextEntry): ContextEntry {
    return entry.type === "file" ? { ...entry, open: () => this.#counted(entry.open()) } : entry;
  }

  end(): void {
    this.#report(this.#bytes, true);
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      this.#bytes += chunk.length;
      if (this.#bytes - this.#reported < REPORT_BYTES) continue;
      this.#reported = this.#bytes;
      this.#report(this.#bytes, false);
    }
  }
}
