import { constants, existsSync, readFileSync } from "node:fs";
import { readFault, systemCode } from "./file-errors.ts";

const absent = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"]);

/**
 * The lines of an ignore file, without a byte order mark; none when there is no such file, as for a symlink where
 * `followLink` is false.
 * @throws {ImageSpecError} `SPEC_FILE_UNREADABLE`
 */
export function readIgnoreFile(
  file: string,
  { followLink }: Readonly<{ followLink: boolean }>,
): readonly string[] {
  if (!existsSync(file)) return [];
  // Not blocking: a named pipe in the place of the file would never end.
  const flag = constants.O_RDONLY | constants.O_NONBLOCK | (followLink ? 0 : constants.O_NOFOLLOW);
  try {
    const text = readFileSync(file, { encoding: "utf8", flag: flag as unknown as string });
    return text.replace(/^\uFEFF/, "").split(/\r?\n/);
  } catch (error) {
    if (absent.has(systemCode(error) ?? "")) return [];
    throw readFault(error, { path: file });
  }
}
