import { rename, rm } from "node:fs/promises";

/** Moves a finished folder to its place; when another process put an equal one there first, that one stays. */
export async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    await rm(from, { recursive: true });
  }
}
