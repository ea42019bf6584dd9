import { isUtf8 } from "node:buffer";
import { readdirSync, readlinkSync } from "node:fs";
import { ImageSpecError } from "../errors/image-spec-error.ts";

/** What stands in a decoded name for bytes that are not UTF-8. */
const replacement = "\uFFFD";

function badName(path: string, why: string): ImageSpecError {
  return new ImageSpecError("SPEC_FILE_NAME", `the name ${JSON.stringify(path)} ${why}`, {
    file: path,
    hint: "rename the file, or leave it out by .dockerignore",
  });
}

/**
 * Refuses a path that no file can have, or that has more than one encoding.
 * @throws {ImageSpecError} `SPEC_FILE_NAME` for NUL and lone surrogates.
 */
export function checkWrittenPath(path: string): void {
  if (path.includes("\0")) throw badName(path, "holds a NUL");
  if (!path.isWellFormed()) throw badName(path, "is not well-formed Unicode");
}

/** Refuses a name that was read from folder `folder` and whose bytes are not UTF-8. */
export function checkReadName(name: string, folder: string): void {
  if (!name.includes(replacement)) return;
  const bad = readdirSync(folder, { encoding: "buffer" }).find(
    (one) => !isUtf8(one) && one.toString() === name,
  );
  if (bad) throw badName(`${folder}/${name}`, "is not UTF-8");
}

/** A symlink's target. @throws {ImageSpecError} `SPEC_FILE_NAME` when it is not UTF-8. */
export function readTarget(link: string): string {
  const target = readlinkSync(link, { encoding: "buffer" });
  if (!isUtf8(target)) throw badName(link, "is a symlink to a name that is not UTF-8");
  return target.toString();
}
