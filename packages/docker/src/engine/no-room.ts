import { tmpdir } from "node:os";
import { ImageSpecError } from "@imagespec/core";

/** What all systems say of a full disk. */
export const NO_ROOM: RegExp = /no space left on device/i;

/** There is no room for what is put aside while a build runs. `said`: by whom it was found out. */
export function noTemporaryRoom(said: string, image?: string): ImageSpecError {
  return new ImageSpecError("ENGINE_DISK_FULL", `there is no room for temporary files: ${said}`, {
    image,
    hint: `df -h ${tmpdir()}   shows the room there; export TMPDIR=/another/folder   puts them elsewhere`,
  });
}

/** The typed error where a file of our own could not be written for want of room; any other error as it is. */
export function roomFault(error: unknown): unknown {
  const isFull = error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOSPC";
  return isFull ? noTemporaryRoom(error.message) : error;
}
