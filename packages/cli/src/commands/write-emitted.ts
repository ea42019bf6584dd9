import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type ContextEntry,
  contextEntries,
  type EmittedFile,
  type EmittedImage,
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

async function* abortable(
  entries: AsyncIterable<ContextEntry>,
  signal: AbortSignal,
): AsyncGenerator<ContextEntry> {
  for await (const entry of entries) {
    signal.throwIfAborted();
    yield entry;
  }
}

/**
 * Writes the files and the context to a new or empty folder: whole or not at all.
 *
 * @returns the folder, as the user calls it
 * @throws ImageSpecError `USAGE` when something is there already
 */
export async function writeEmitted(
  { image, files }: EmittedImage,
  folder: string,
  { cwd, signal }: Readonly<{ cwd: string; signal: AbortSignal }>,
): Promise<string> {
  const target = path.resolve(cwd, folder);
  await refuseFilled(target, folder);
  await mkdir(path.dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.`);
  try {
    await writeContext(abortable(contextEntries(image), signal), draft);
    await writeFiles(files, draft);
    await chmod(draft, 0o755);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
