import { chmod, type FileHandle, mkdir, open, realpath, rm, rmdir, symlink } from "node:fs/promises";
import { posix } from "node:path";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ContextEntry } from "./context-entry.ts";
import { type ContextEntries, checkEntry } from "./entry-path.ts";
import { systemCode } from "./file-errors.ts";

type FileEntry = Extract<ContextEntry, { type: "file" }>;
type Made = Readonly<{ place: string; isFolder: boolean }>;

function outputFault(cause: unknown, place: string): unknown {
  const code = systemCode(cause);
  if (code === undefined || ImageSpecError.isInstance(cause)) return cause;
  if (code === "EEXIST") {
    return new ImageSpecError("OUTPUT_EXISTS", `${JSON.stringify(place)} is there already`, {
      file: place,
      hint: "name a folder that is new or empty",
      cause,
    });
  }
  return new ImageSpecError("OUTPUT_UNWRITABLE", `${JSON.stringify(place)} cannot be written (${code})`, {
    file: place,
    hint: "name a folder that you may write to",
    cause,
  });
}

async function writeBytes(file: FileHandle, entry: FileEntry): Promise<void> {
  try {
    for await (const chunk of entry.open()) await file.writeFile(chunk);
    await file.chmod(entry.mode);
  } finally {
    await file.close();
  }
}

export type WriteOptions = Readonly<{
  /**
   * Files may be links to those that were planned, where the file system lets them: for a folder that nobody changes.
   * Given what throws `CONTEXT_CHANGED` when such a file did not stay as planned, to be asked once it is no longer needed.
   */
  onLinked?: ((check: () => Promise<void>) => void) | undefined;
  /** Asked before each entry. */
  signal?: AbortSignal | undefined;
}>;

/** Writes below one folder and remembers what it made. What it did not make it neither enters nor replaces. */
class Writer {
  readonly #root: string;
  readonly #onLinked: WriteOptions["onLinked"];
  readonly #made: Made[] = [];
  readonly #folders = new Set(["."]);

  constructor(root: string, { onLinked }: WriteOptions) {
    this.#root = root;
    this.#onLinked = onLinked;
  }

  async add(entry: ContextEntry): Promise<void> {
    checkEntry(entry);
    const place = `${this.#root}/${entry.path}`;
    await this.#addFolder(posix.dirname(entry.path));
    try {
      if (entry.type === "directory") await this.#addFolder(entry.path);
      else if (entry.type === "symlink") await this.#addLink(place, entry.target);
      else await this.#addFile(place, entry);
    } catch (error) {
      throw outputFault(error, place);
    }
  }

  async undo(): Promise<void> {
    for (const { place, isFolder } of this.#made.reverse()) await (isFolder ? rmdir(place) : rm(place));
  }

  async #addFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await this.#addFolder(posix.dirname(path));
    const place = `${this.#root}/${path}`;
    try {
      await mkdir(place);
    } catch (error) {
      throw outputFault(error, place);
    }
    this.#folders.add(path);
    this.#made.push({ place, isFolder: true });
    await chmod(place, 0o755);
  }

  async #addLink(place: string, target: string): Promise<void> {
    await symlink(target, place);
    this.#made.push({ place, isFolder: false });
  }

  async #addFile(place: string, entry: FileEntry): Promise<void> {
    const check = this.#onLinked && (await entry.link?.(place));
    if (check) {
      this.#made.push({ place, isFolder: false });
      this.#onLinked?.(check);
      return;
    }
    const file = await open(place, "wx", entry.mode);
    this.#made.push({ place, isFolder: false });
    await writeBytes(file, entry);
  }
}

/**
 * Writes the entries below a folder, which is made if need be. Nothing that is there is overwritten, and no symlink is
 * followed but on the way to the folder itself. When it fails, what it made is taken away again.
 *
 * @throws {ImageSpecError} `OUTPUT_EXISTS`, `OUTPUT_UNWRITABLE`, `SPEC_PATH_OUTSIDE`, and as the entries, such as
 * `CONTEXT_CHANGED`.
 */
export async function writeContext(
  entries: ContextEntries,
  directory: string,
  options: WriteOptions = {},
): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw outputFault(error, directory);
  });
  const writer = new Writer(await realpath(directory), options);
  try {
    for await (const entry of entries) {
      options.signal?.throwIfAborted();
      await writer.add(entry);
    }
  } catch (error) {
    await writer.undo();
    throw error;
  }
}
