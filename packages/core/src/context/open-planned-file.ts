import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { contextChanged, rereadFault } from "./file-errors.ts";

/** What a plan says of a file's bytes. `sha256` in hex. */
export type PlannedBytes = Readonly<{ size: number; sha256: string }>;

const chunkSize = 256 * 1024;

// A pipe that took the file's place would block, a symlink lead elsewhere.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function openForReading(hostPath: string): Promise<FileHandle> {
  return open(hostPath, flags).catch((error: unknown) => {
    throw rereadFault(error, hostPath);
  });
}

/**
 * The bytes of a planned file, hashed again on their way; at most `size` of them are given.
 * @throws {ImageSpecError} `CONTEXT_CHANGED`, after the last chunk at the latest, when they are not the planned ones.
 */
export async function* openPlannedFile(
  hostPath: string,
  { size, sha256 }: PlannedBytes,
): AsyncGenerator<Uint8Array> {
  const file = await openForReading(hostPath);
  const hash = createHash("sha256");
  try {
    let left = size;
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkSize, left)));
      if (bytesRead === 0) throw contextChanged(hostPath);
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      left -= bytesRead;
      yield chunk;
    }
    const beyond = await file.read(Buffer.allocUnsafe(1));
    if (beyond.bytesRead > 0 || hash.digest("hex") !== sha256) throw contextChanged(hostPath);
  } catch (error) {
    throw rereadFault(error, hostPath);
  } finally {
    await file.close();
  }
}
