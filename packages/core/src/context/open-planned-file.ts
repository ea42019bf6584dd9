import { createHash } from "node:crypto";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { contextChanged, rereadFault } from "./file-errors.ts";
import { createReadBuffer } from "./read-buffer.ts";
import { CHUNK_BYTES, type ReadPool } from "./read-pool.ts";

/** What a plan says of a file's bytes. `sha256` in hex. */
export type PlannedBytes = Readonly<{ size: number; sha256: string }>;

/** Gives so many bytes to read into. */
type TakeMemory = (size: number) => Uint8Array;

// A pipe that took the file's place would block, a symlink lead elsewhere.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The bytes of a file that is small: no read of it is worth waiting for in turns. One byte more tells of growth. */
function readSmall(hostPath: string, size: number, take: TakeMemory): Uint8Array {
  const descriptor = openSync(hostPath, flags);
  try {
    const buffer = take(size + 1);
    const length = readSync(descriptor, buffer, 0, size + 1, null);
    if (length !== size) throw contextChanged(hostPath);
    return buffer.subarray(0, size);
  } finally {
    closeSync(descriptor);
  }
}

async function readChunk(file: FileHandle, take: TakeMemory): Promise<Uint8Array> {
  const buffer = take(CHUNK_BYTES);
  const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
  return buffer.subarray(0, bytesRead);
}

/** Reads the next chunk while the last one is being used; ends at the end of the file. */
async function* readAhead(file: FileHandle, take: TakeMemory): AsyncGenerator<Uint8Array> {
  let next = readChunk(file, take);
  try {
    for (let chunk = await next; chunk.length > 0; chunk = await next) {
      next = readChunk(file, take);
      yield chunk;
    }
  } finally {
    // A chunk that nobody waits for any more may fail unheard: the file is about to be closed.
    await next.catch(() => undefined);
  }
}

async function* readBig(hostPath: string, size: number, take: TakeMemory): AsyncGenerator<Uint8Array> {
  const file = await open(hostPath, flags);
  try {
    let left = size;
    for await (const chunk of readAhead(file, take)) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0) throw contextChanged(hostPath);
  } finally {
    await file.close();
  }
}

/**
 * The bytes of a planned file, hashed again on their way; never more than `size` of them. They lie in memory of `pool`
 * where there is one, which whoever takes them may give back.
 * @throws {ImageSpecError} `CONTEXT_CHANGED`, after the last chunk at the latest, when they are not the planned ones.
 */
export async function* openPlannedFile(
  hostPath: string,
  { size, sha256 }: PlannedBytes,
  pool?: ReadPool,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  const take: TakeMemory = (length) => pool?.take(length) ?? createReadBuffer(length);
  try {
    const chunks = size <= CHUNK_BYTES ? [readSmall(hostPath, size, take)] : readBig(hostPath, size, take);
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest("hex") !== sha256) throw contextChanged(hostPath);
  } catch (error) {
    throw rereadFault(error, hostPath);
  }
}
