import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import { sourceNotFound } from "./source-errors.ts";

/** Bytes. A spec is written by hand, or made from one. */
const mostBytes = 4 * 1024 * 1024;

function tooLarge(file: string): ImageSpecError {
  return new ImageSpecError("SOURCE_TOO_LARGE", `it has more than ${mostBytes / 1024 / 1024} MiB`, {
    file,
    hint: "put long lists into a requirements file",
  });
}

function unreadable(file: string, why: string, cause?: unknown): ImageSpecError {
  const hint = "check its name, and who may read it";
  return new ImageSpecError("SOURCE_UNREADABLE", `it cannot be read: ${why}`, { file, hint, cause });
}

function decode(bytes: Buffer, file: string): string {
  if (!isUtf8(bytes)) {
    const hint = "save it as UTF-8";
    throw new ImageSpecError("SPEC_SYNTAX", "it is not text in UTF-8", { file, hint });
  }
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

function readRegular(descriptor: number, file: string): Buffer {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw unreadable(file, "it is not a regular file");
  if (stats.size > mostBytes) throw tooLarge(file);
  return readFileSync(descriptor);
}

function openSource(place: string, file: string): number {
  try {
    // A pipe without a writer would block for ever.
    return openSync(place, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code = "no reason given" } = cause as NodeJS.ErrnoException;
    throw code === "ENOENT" ? sourceNotFound(file, cause) : unreadable(file, code, cause);
  }
}

/**
 * The text of a spec file, without a byte order mark.
 *
 * @param place where it lies
 * @param file what the user calls it
 * @throws ImageSpecError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_TOO_LARGE`, `SPEC_SYNTAX`
 */
export function readSourceFile(place: string, file: string): string {
  const descriptor = openSource(place, file);
  try {
    return decode(readRegular(descriptor, file), file);
  } finally {
    closeSync(descriptor);
  }
}

/** The text on standard input, to its end; errors as of a file. */
export async function readSourceStream(input: Readable, name: string): Promise<string> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of input) {
    total += (part as Buffer).length;
    if (total > mostBytes) throw tooLarge(name);
    parts.push(part as Buffer);
  }
  return decode(Buffer.concat(parts), name);
}
