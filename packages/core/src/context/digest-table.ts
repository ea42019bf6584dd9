import { type FileIdentity, identityHalves, identityWords, isSameIdentity } from "./file-identity.ts";

/** A file's identity and the four words of its sha256. */
export const recordWords: number = identityWords + 4;
const recordHalves = recordWords * 2;

/** Never full, so that a search ends at a free record. */
const slack = 1.5;

/**
 * Digests by file identity: a hash table with open addressing over one array of words, which is also what lies on the
 * disk. To read it is to read a file, and asking it makes no objects. A record whose inode is 0 is free.
 */
export class DigestTable {
  readonly words: BigInt64Array<ArrayBuffer>;
  readonly #halves: Int32Array;
  readonly #mask: number;

  constructor(words: BigInt64Array<ArrayBuffer>) {
    this.words = words;
    this.#halves = new Int32Array(words.buffer, words.byteOffset, words.length * 2);
    this.#mask = words.length / recordWords - 1;
  }

  static withRoomFor(records: number): DigestTable {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, records * slack)));
    return new DigestTable(new BigInt64Array(capacity * recordWords));
  }

  /** Do so many words make a table? */
  static isLength(words: number): boolean {
    const capacity = words / recordWords;
    return capacity >= 16 && Number.isInteger(Math.log2(capacity));
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  isFree(record: number): boolean {
    return this.#halves[record * recordHalves] === 0 && this.#halves[record * recordHalves + 1] === 0;
  }

  /** The record of an identity; -1 when there is none. */
  find(identity: FileIdentity): number {
    const record = this.#search(identity);
    return record >= 0 && !this.isFree(record) ? record : -1;
  }

  /** Puts a whole record in; false when there is no room for it. */
  insert(words: BigInt64Array): boolean {
    const halves = new Int32Array(words.buffer, words.byteOffset, identityHalves);
    const record = this.#search({ halves, at: 0 });
    if (record >= 0) this.words.set(words, record * recordWords);
    return record >= 0;
  }

  record(record: number): BigInt64Array {
    return this.words.subarray(record * recordWords, (record + 1) * recordWords);
  }

  /** Where the identity is or could go; -1 when it is not there and nothing is free. */
  #search(identity: FileIdentity): number {
    let record = Math.imul(identity.halves[identity.at]!, 0x9e3779b1) >>> 7;
    for (let tries = 0; tries <= this.#mask; tries++, record++) {
      record &= this.#mask;
      if (this.isFree(record) || this.#holds(record, identity)) return record;
    }
    return -1;
  }

  #holds(record: number, identity: FileIdentity): boolean {
    return isSameIdentity({ halves: this.#halves, at: record * recordHalves }, identity);
  }
}
