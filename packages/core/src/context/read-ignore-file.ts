import { constants, existsSync, readFileSync } from "node:fs";
import { readFault, systemCode } from "./file-errors.ts";

/** How ignore files are read. */
export type IgnoreFileReader = (
  file: string,
  options: Readonly<{ followLink: boolean }>,
) => readonly string[];

const absent = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"]);

/** A byte order mark at the start is none of the first line. */
export function ignoreLinesOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
}

/**
 * An ignore file; undefined when there is no such file, as for a symlink where `followLink` is false.
 * @throws {ImageSpecError} `SPEC_FILE_UNREADABLE`
 */
export function readIgnoreBytes(
  file: string,
  { followLink }: Readonly<{ followLink: boolean }>,
): Buffer | undefined {
  if (!existsSync(file)) return undefined;
  // Not blocking: a named pipe in the place of the file would never end.
  const flag = constants.O_RDONLY | constants.O_NONBLOCK | (followLink ? 0 : constants.O_NOFOLLOW);
  try {
    return readFileSync(file, { flag: flag as unknown as string });
  } catch (error) {
    if (absent.has(systemCode(error) ?? "")) return undefined;
    throw readFault(error, { path: file });
  }
}

/**
 * The lines of an ignore file; none when there is no such file.
 * @throws {ImageSpecError} `SPEC_FILE_UNREADABLE`
 */
export const readIgnoreFile: IgnoreFileReader = (file, options) => {
  const bytes = readIgnoreBytes(file, options);
  return bytes ? ignoreLinesOf(bytes) : [];
};
