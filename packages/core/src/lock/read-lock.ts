import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { systemCode } from "../context/file-errors.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { type ImageLock, lockFileName } from "./image-lock.ts";
import { parseLock } from "./parse-lock.ts";

/** Bytes; an image takes about one thousand. */
const mostBytes = 4 * 1024 * 1024;

function unreadable(file: string, why: string, cause?: unknown): ImageSpecError {
  const hint = "a lock is a file of its own, of at most 4 MiB, that you may read";
  return new ImageSpecError("LOCK_UNREADABLE", `it cannot be read: ${why}`, { file, hint, cause });
}

const faults: Readonly<Record<string, string>> = { ELOOP: "it is a symbolic link" };

/** Undefined: there is none. A link is not followed, since `imagespec lock` would put a file in its place. */
function openLock(place: string, file: string): number | undefined {
  try {
    return openSync(place, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (cause) {
    const code = systemCode(cause) ?? "no reason given";
    if (code === "ENOENT") return undefined;
    throw unreadable(file, faults[code] ?? code, cause);
  }
}

function readText(descriptor: number, file: string): string {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw unreadable(file, "it is not a regular file");
  if (stats.size > mostBytes) throw unreadable(file, "it has more than 4 MiB");
  const bytes = readFileSync(descriptor);
  if (!isUtf8(bytes)) throw unreadable(file, "it is not text in UTF-8");
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

/**
 * The lock of that name; undefined where there is none.
 *
 * @param file default: `imagespec.lock.json` in the working directory
 * @param shown what errors call it; default: its name alone
 * @throws ImageSpecError `LOCK_UNREADABLE`, `LOCK_INVALID`, `LOCK_VERSION_UNSUPPORTED`
 */
export function readLock(
  file: string = lockFileName,
  shown: string = path.basename(file),
): ImageLock | undefined {
  const descriptor = openLock(file, shown);
  if (descriptor === undefined) return undefined;
  try {
    return parseLock(readText(descriptor, shown), shown);
  } finally {
    closeSync(descriptor);
  }
}
