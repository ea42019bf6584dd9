import { once } from "node:events";
import { execa } from "execa";

/**
 * Does it while no other process does anything under a lock of this file, which is made if need be. The lock ends with
 * this process, however that ends.
 */
export async function withLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  const holder = execa("flock", [file, "sh", "-c", "echo; exec cat"], { stdin: "pipe", buffer: false });
  try {
    await Promise.race([once(holder.stdout, "data"), holder]);
    return await action();
  } finally {
    holder.stdin.end();
    await holder;
  }
}
