import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

type Content = string | Uint8Array | readonly Uint8Array[];

/**
 * Writes a file whole or not at all, over one of that name. Renaming within a folder is the one way in which nobody
 * ever reads half of it.
 * @throws the system's error; then the file is as before
 */
export async function replaceFile(file: string, content: Content, mode = 0o644): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, content, { mode, flag: "wx" });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Keeps what can be made again, in a folder and a file for this user alone. Returns false where that cannot be: a cache
 * without effect costs the next run some time, and is no reason for this one to fail.
 */
export async function cacheFile(file: string, content: Content): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, content, 0o600);
    return true;
  } catch {
    return false;
  }
}
