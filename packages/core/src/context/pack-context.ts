import { Readable } from "node:stream";
import type { Header, Pack } from "tar-stream";
import type { ContextEntry } from "./context-entry.ts";
import { type ContextEntries, checkEntry } from "./entry-path.ts";
import { contextChanged } from "./file-errors.ts";

/** 1980-01-01 in seconds since the epoch, since Python's zipfile refuses years before it. */
export const contextTime = 315_532_800;

/** How a context is packed; the same options and entries give the same bytes on every machine. */
export type PackOptions = Readonly<{
  /** The time that every entry gets, in seconds since the epoch. Default: 315532800. */
  time?: number | undefined;
}>;

/** Bytes that may wait for the reader. */
const readAhead = 1024 * 1024;
/** A chunk below this size waits for others, so that a header and what pads a file do not each cost a write. */
const smallChunk = 16 * 1024;

type FileEntry = Extract<ContextEntry, { type: "file" }>;
type Sink = ReturnType<Pack["entry"]>;

function headerOf(entry: ContextEntry, mtime: Date): Partial<Header> & Pick<Header, "name"> {
  const common = { name: entry.path, uid: 0, gid: 0, mtime };
  switch (entry.type) {
    case "directory":
      return { ...common, type: "directory", mode: entry.mode };
    case "symlink":
      return { ...common, type: "symlink", mode: 0o777, linkname: entry.target };
    case "file":
      return { ...common, type: "file", mode: entry.mode, size: entry.size };
  }
}

async function write(sink: Sink, chunk: Uint8Array): Promise<void> {
  if (sink.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      sink.off("drain", done);
      sink.off("close", done);
      resolve();
    };
    sink.on("drain", done);
    sink.on("close", done);
  });
}

/** A readable stream of bytes that is filled from outside, no faster than it is read. */
class Outlet extends Readable {
  #small: Uint8Array[] = [];
  #smallBytes = 0;
  #wake: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: readAhead });
  }

  override _read(): void {
    this.#wake?.();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake?.();
    callback(error);
  }

  add(chunk: Uint8Array): void {
    if (chunk.length >= smallChunk) {
      this.#flush();
      this.push(chunk);
      return;
    }
    this.#small.push(chunk);
    this.#smallBytes += chunk.length;
    if (this.#smallBytes >= smallChunk) this.#flush();
  }

  end(): void {
    this.#flush();
    this.push(null);
  }

  /** Resolves once more bytes are wanted, and when none will be any more. */
  async room(): Promise<void> {
    while (this.readableLength >= readAhead && !this.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #flush(): void {
    if (this.#smallBytes === 0) return;
    this.push(this.#small.length === 1 ? this.#small[0] : Buffer.concat(this.#small, this.#smallBytes));
    this.#small = [];
    this.#smallBytes = 0;
  }
}

type Target = Readonly<{ tar: Pack; outlet: Outlet; time: Date }>;

async function addFile(entry: FileEntry, { tar, outlet, time }: Target): Promise<void> {
  const sink = tar.entry(headerOf(entry, time));
  let left = entry.size;
  for await (const chunk of entry.open()) {
    left -= chunk.length;
    if (left < 0) throw contextChanged(entry.path);
    await write(sink, chunk);
    await outlet.room();
    if (outlet.destroyed) return;
  }
  if (left > 0) throw contextChanged(entry.path);
  sink.end(undefined);
}

async function addEntries(entries: ContextEntries, target: Target): Promise<void> {
  const { tar, outlet, time } = target;
  for await (const entry of entries) {
    checkEntry(entry);
    if (entry.type === "file") await addFile(entry, target);
    else tar.entry(headerOf(entry, time));
    await outlet.room();
    if (outlet.destroyed) return;
  }
  tar.finalize();
}

/**
 * The entries as an uncompressed tar: one encoding for the same entries, whoever packs them, when and where. Owner 0,
 * one time, long and non-ASCII names by pax (POSIX.1-2001). Reads on as it is read. An error of an entry, such
 * as `CONTEXT_CHANGED`, destroys the stream with that error, so that it has no end.
 */
export function packContext(entries: ContextEntries, options: PackOptions = {}): Readable {
  const outlet = new Outlet();
  const time = new Date((options.time ?? contextTime) * 1000);
  fill(outlet, entries, time).catch((error: Error) => outlet.destroy(error));
  return outlet;
}

async function fill(outlet: Outlet, entries: ContextEntries, time: Date): Promise<void> {
  // Whoever only asks for a tag packs nothing, and is not to load what packs.
  const { pack } = await import("tar-stream");
  const tar = pack({ highWaterMark: readAhead });
  tar.on("data", (chunk) => outlet.add(chunk as Uint8Array));
  tar.on("end", () => outlet.end());
  tar.on("error", (error: Error) => outlet.destroy(error));
  outlet.once("close", () => tar.destroy());
  if (!outlet.destroyed) await addEntries(entries, { tar, outlet, time });
}
