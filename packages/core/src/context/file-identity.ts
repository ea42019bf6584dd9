import type { BigIntStats } from "node:fs";

/** How many words of 64 bits tell a file apart: inode, device, size, mtime and ctime. */
export const identityWords = 5;
/** The same in halves, as which they are copied and compared, for a word read as such is an object. */
export const identityHalves = 10;

const identitiesAtOnce = 1024;

/**
 * What tells that a file is still the same one with the same bytes. It lies in memory shared by many, from half `at`
 * on: for 10,000 files, five numbers of 64 bits each would be a tenth of a fingerprint's time.
 */
export type FileIdentity = Readonly<{ halves: Int32Array; at: number }>;

/** Takes identities out of what the system says of files. */
export class FileIdentities {
  #words = new BigInt64Array(0);
  #halves = new Int32Array(0);
  #length = 0;
  readonly #atOnce: number;

  /** @param atOnce for how many files memory is taken at a time */
  constructor(atOnce: number = identitiesAtOnce) {
    this.#atOnce = atOnce;
  }

  add(stats: BigIntStats): FileIdentity {
    if (this.#length === this.#words.length) this.#grow();
    const words = this.#words;
    const at = this.#length;
    words[at] = stats.ino;
    words[at + 1] = stats.dev;
    words[at + 2] = stats.size;
    words[at + 3] = stats.mtimeNs;
    words[at + 4] = stats.ctimeNs;
    this.#length += identityWords;
    return { halves: this.#halves, at: at * 2 };
  }

  #grow(): void {
    this.#words = new BigInt64Array(this.#atOnce * identityWords);
    this.#halves = new Int32Array(this.#words.buffer);
    this.#length = 0;
  }
}

export function copyIdentity({ halves, at }: FileIdentity, target: Int32Array, position: number): void {
  for (let i = 0; i < identityHalves; i++) target[position + i] = halves[at + i]!;
}

export function isSameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  for (let i = 0; i < identityHalves; i++) if (a.halves[a.at + i] !== b.halves[b.at + i]) return false;
  return true;
}

/** Did the file stay as it is since a time, in nanoseconds since the epoch, by its mtime and ctime? */
export function isOlderThan(time: bigint, { halves, at }: FileIdentity): boolean {
  const times = new BigInt64Array(halves.buffer, halves.byteOffset + (at + 6) * 4, 2);
  return times.every((one) => one < time);
}
