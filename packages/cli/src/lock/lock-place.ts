import { lstatSync } from "node:fs";
import path from "node:path";
import type { ImageLock } from "@imagespec/core";

/** Where the project's lock lies, or would lie. */
export type LockPlace = Readonly<{
  /** Absolute. */
  place: string;
  /** As the user calls it. */
  file: string;
}>;

/** Beside the config, else in the working directory. */
export function lockPlaceOf(folder: string, cwd: string): LockPlace {
  const place = path.join(folder, "imagespec.lock.json");
  return { place, file: path.relative(cwd, place) };
}

/**
 * The lock that lies there; what reads it is loaded only when there is one.
 *
 * @throws ImageSpecError `LOCK_UNREADABLE`, `LOCK_INVALID`, `LOCK_VERSION_UNSUPPORTED`
 */
export async function loadLock({ place, file }: LockPlace): Promise<ImageLock | undefined> {
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) return undefined;
  const { readProjectLock } = await import("./read-project-lock.ts");
  return readProjectLock(place, file);
}
