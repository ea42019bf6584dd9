import { fstatSync } from "node:fs";
import { isatty } from "node:tty";

/** A descriptor that is no character device is told from a terminal without loading what Node has for terminals. */
export function isTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && isatty(descriptor);
  } catch (error) {
    // Whoever started the command closed it.
    if ((error as NodeJS.ErrnoException).code === "EBADF") return false;
    throw error;
  }
}
