import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  contextEntries,
  type EmittedFile,
  type EmittedImage,
  type StreamedFile,
  writeContext,
} from "@imagespec/core";
import { usageError } from "../usage-error.ts";

async function refuseFilled(folder: string, shown: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw usageError(`--out: ${shown} cannot be written (${error.code})`, { hint: "name a new folder" });
  });
  if (names.length > 0) throw usageError(`--out: ${shown} is not empty`, { hint: "name a new folder" });
}

async function writeFiles(files: readonly EmittedFile[], folder: string): Promise<void> {
  for (const { path: name, content, mode = 0o644 } of files) {
    const place = path.join(folder, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, content, { flag: "wx", mode });
    await chmod(place, mode);
  }
}

async function* abortable<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

type Draft = Readonly<{ folder: string; signal: AbortSignal }>;

async function writeStreams(files: readonly StreamedFile[], { folder, signal }: Draft): Promise<void> {
  for (const { path: name, content } of files) {
    await writeFile(path.join(folder, name), abortable(content(), signal), { flag: "wx", mode: 0o644 });
  }
}

/** The context as the builder is sent it: a folder, or the files that it packs it into. */
async function writeSent({ image, context }: EmittedImage, draft: Draft): Promise<void> {
  if (context) return writeStreams(context, draft);
  return writeContext(contextEntries(image), draft.folder, { signal: draft.signal });
}

/**
 * Writes the files and the context to a new or empty folder: whole or not at all.
 *
 * @returns the folder, as the user calls it
 * @throws ImageSpecError `USAGE` when something is there already
 */
export async function writeEmitted(
  emitted: EmittedImage,
  folder: string,
  { cwd, signal }: Readonly<{ cwd: string; signal: AbortSignal }>,
): Promise<string> {
  const target = path.resolve(cwd, folder);
  await refuseFilled(target, folder);
  await mkdir(path.dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.`);
  try {
    await writeSent(emitted, { folder: draft, signal });
    await writeFiles(emitted.files, draft);
    await chmod(draft, 0o755);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
