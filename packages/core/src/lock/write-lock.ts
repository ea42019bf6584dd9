import path from "node:path";
import { systemCode } from "../context/file-errors.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { replaceFile } from "../files/replace-file.ts";
import { formatLock, type ImageLock } from "./image-lock.ts";

/**
 * Writes a lock: whole, or not at all. A file of that name is replaced; whoever reads it meanwhile reads the old one.
 *
 * @param shown what errors call it
 * @throws ImageSpecError `LOCK_UNWRITABLE`
 */
export async function writeLock(
  lock: ImageLock,
  file: string,
  shown: string = path.basename(file),
): Promise<void> {
  try {
    await replaceFile(file, formatLock(lock));
  } catch (cause) {
    const hint = "check that its folder is there, and who may write to it";
    const message = `it cannot be written (${systemCode(cause) ?? "no reason given"})`;
    throw new ImageSpecError("LOCK_UNWRITABLE", message, { file: shown, hint, cause });
  }
}
