import { readFileSync } from "node:fs";
import { ImageSpecError, type PlanRecord, parsePlanRecord } from "@imagespec/core";
import { isRecord } from "../is-record.ts";

/** The last build of a spec on this machine. */
export type BuildRecord = Readonly<{
  fingerprint: string;
  reference: string;
  /** Milliseconds since the epoch. */
  time: number;
  record: PlanRecord;
}>;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const hint = `remove it: rm ${file}`;
    throw new ImageSpecError("LAST_BUILD_UNREADABLE", `the last build cannot be read (${code})`, {
      file,
      hint,
    });
  }
}

function parseRecord(text: string): BuildRecord | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value.version !== 1) return undefined;
  const { fingerprint, reference, time } = value;
  if (typeof fingerprint !== "string" || typeof reference !== "string" || typeof time !== "number") {
    return undefined;
  }
  return { fingerprint, reference, time, record: parsePlanRecord(value) };
}

/**
 * What was kept; nothing where nothing was, or where another version of the command or a full disk left something that
 * cannot be used: it is a cache, and the next build writes it anew.
 *
 * @throws ImageSpecError `LAST_BUILD_UNREADABLE` where it is there and may not be read
 */
export function readBuildRecord(file: string): BuildRecord | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return parseRecord(text);
  } catch (error) {
    if (error instanceof SyntaxError || ImageSpecError.isInstance(error)) return undefined;
    throw error;
  }
}
