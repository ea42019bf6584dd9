import type { createHash } from "node:crypto";
import type * as FileSystem from "node:fs";
import { copyIdentity, identityHalves } from "./file-identity.ts";
import type { RegularFile } from "./list-files.ts";

/**
 * Files to be hashed by several threads, the biggest first. The arrays are shared memory; `control` holds how many
 * files are taken, a 1 once all threads are to stop, and how many are taken from the start and from the end.
 */
export type HashJob = Readonly<{
  paths: readonly string[];
  /** Five words for each file, inode, device, size, mtime, ctime. */
  identities: BigInt64Array;
  /** 32 bytes for each file. */
  digests: Uint8Array;
  /** For each file 0 before it is hashed, then 1; 2 when it is not the listed file or no longer has its bytes. */
  states: Uint8Array;
  control: Int32Array;
}>;

/** A read that failed: the file's position and the system's code. */
export type HashFault = Readonly<{ index: number; code: string }>;

type HashTools = Readonly<{ fs: typeof FileSystem; createHash: typeof createHash; buffer: Uint8Array }>;
/**
 * Which files to take: from the start, or those of at most `most` bytes from the end, until the time `until`
 * (performance.now()) has come.
 */
type HashTurn = Readonly<{ job: HashJob; until: number; most: number }>;

export function createHashJob(files: readonly RegularFile[]): HashJob {
  const identities = new SharedArrayBuffer(files.length * identityHalves * 4);
  const halves = new Int32Array(identities);
  files.forEach(({ identity }, index) => {
    copyIdentity(identity, halves, index * identityHalves);
  });
  return {
    paths: files.map(({ hostPath }) => hostPath),
    identities: new BigInt64Array(identities),
    digests: new Uint8Array(new SharedArrayBuffer(files.length * 32)),
    states: new Uint8Array(new SharedArrayBuffer(files.length)),
    control: new Int32Array(new SharedArrayBuffer(16)),
  };
}

/**
 * Takes files off the job and hashes them, until none is left, one fails, or its turn is over. Reads without following
 * a symlink and without waiting for a pipe, and then asks whether the open file is the listed one.
 *
 * A worker runs this function's own text, so that it works from sources, from the built package and from a bundle of
 * one file: it uses nothing from around it but its arguments and globals.
 */
export function hashFiles(
  { fs, createHash, buffer }: HashTools,
  { job, until, most }: HashTurn,
): HashFault | undefined {
  const { paths, identities, digests, states, control } = job;
  const flags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
  const isListed = (descriptor: number, index: number): boolean => {
    const { ino, dev, size, mtimeNs, ctimeNs } = fs.fstatSync(descriptor, { bigint: true });
    const words = [ino, dev, size, mtimeNs, ctimeNs];
    return words.every((word, i) => BigInt.asIntN(64, word) === identities[index * 5 + i]);
  };
  const hashOne = (descriptor: number, index: number): void => {
    const hash = createHash("sha256");
    const size = Number(identities[index * 5 + 2]);
    let total = 0;
    while (total < size && control[1] === 0) {
      const length = fs.readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) break;
      hash.update(length === buffer.length ? buffer : buffer.subarray(0, length));
      total += length;
    }
    if (total < size && control[1] === 1) return;
    digests.set(hash.digest(), index * 32);
    states[index] = total === size && isListed(descriptor, index) ? 1 : 2;
  };
  const openAndHash = (index: number): void => {
    const descriptor = fs.openSync(paths[index]!, flags);
    try {
      hashOne(descriptor, index);
    } finally {
      fs.closeSync(descriptor);
    }
  };
  const isNextSmall = (): boolean => Number(identities[(paths.length - 1 - control[3]!) * 5 + 2]) <= most;
  const take = (): number => {
    const fromEnd = most !== Infinity;
    if (fromEnd && !isNextSmall()) return -1;
    if (Atomics.add(control, 0, 1) >= paths.length) return -1;
    return fromEnd ? paths.length - 1 - Atomics.add(control, 3, 1) : Atomics.add(control, 2, 1);
  };
  while (control[1] === 0 && performance.now() < until) {
    const index = take();
    if (index < 0) return undefined;
    try {
      openAndHash(index);
    } catch (error) {
      return { index, code: String((error as NodeJS.ErrnoException).code) };
    }
  }
  return undefined;
}
