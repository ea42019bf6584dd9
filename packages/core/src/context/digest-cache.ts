import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { cacheFile } from "../files/replace-file.ts";
import { DigestTable, recordWords } from "./digest-table.ts";
import { copyIdentity, identityWords, isOlderThan } from "./file-identity.ts";
import type { RegularFile } from "./list-files.ts";

const headerBytes = 64;
/** Also tells files of another format or byte order apart. */
const magic = 0x69_73_64_31;
/** With more files than this, reading the table would no longer be small work. */
const mostRecords = 500_000;
/** Records that no run asked for are kept while they are not more than this and twice those that were asked for. */
const spareRecords = 4096;
/** Nanoseconds within which a file could change again and keep its times. */
const settling = 2_000_000_000n;

function checksum(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest();
}

function bytesOf(words: BigInt64Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function readWhole(file: string): ArrayBuffer | undefined {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size, uid } = fstatSync(descriptor);
    const tooBig = size > headerBytes + mostRecords * 4 * recordWords * 8;
    if (tooBig || uid !== process.geteuid?.()) return undefined;
    const bytes = new Uint8Array(size);
    return readSync(descriptor, bytes, 0, size, 0) === size ? bytes.buffer : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function parseTable(bytes: ArrayBuffer): DigestTable | undefined {
  const length = (bytes.byteLength - headerBytes) / 8;
  if (!DigestTable.isLength(length)) return undefined;
  const words = new BigInt64Array(bytes, headerBytes);
  const header = new Uint8Array(bytes, 0, headerBytes);
  const isOurs = new Int32Array(bytes, 0, 1)[0] === magic;
  return isOurs && checksum(bytesOf(words)).equals(header.subarray(32)) ? new DigestTable(words) : undefined;
}

/** What was stored, or nothing: a cache that is missing, foreign, damaged or another user's costs time, no more. */
function readTable(file: string): DigestTable {
  try {
    const bytes = readWhole(file);
    return (bytes && parseTable(bytes)) ?? DigestTable.withRoomFor(0);
  } catch {
    return DigestTable.withRoomFor(0);
  }
}

function headerFor(body: Uint8Array): Uint8Array {
  const header = new Uint8Array(headerBytes);
  new Int32Array(header.buffer)[0] = magic;
  header.set(checksum(body), 32);
  return header;
}

/** The digests of files from earlier runs, by what tells that a file is the same. */
export class DigestCache {
  readonly #file: string;
  #table: DigestTable;
  #used: Uint8Array;
  #fresh: BigInt64Array[] = [];

  /** Reads the file at once. */
  constructor(file: string) {
    this.#file = file;
    this.#table = readTable(file);
    this.#used = new Uint8Array(this.#table.capacity);
  }

  /** The sha256 in hex, or undefined. */
  get(file: RegularFile): string | undefined {
    const record = this.#table.find(file.identity);
    if (record < 0) return undefined;
    this.#used[record] = 1;
    const { buffer, byteOffset } = this.#table.words;
    return Buffer.from(buffer, byteOffset + (record * recordWords + identityWords) * 8, 32).toString("hex");
  }

  /** `readAt`: nanoseconds since the epoch, before the file was read. A file that changed shortly before is not kept. */
  add(file: RegularFile, digest: Uint8Array, readAt: bigint): void {
    if (!isOlderThan(readAt - settling, file.identity)) return;
    const record = new BigInt64Array(recordWords);
    copyIdentity(file.identity, new Int32Array(record.buffer), 0);
    if (record[0] === 0n) return;
    bytesOf(record).set(digest, identityWords * 8);
    this.#fresh.push(record);
  }

  /** Stores what was added, in one step; without effect where the folder cannot be written. */
  async save(): Promise<void> {
    if (this.#fresh.length === 0) return;
    this.#merge();
    const body = bytesOf(this.#table.words);
    await cacheFile(this.#file, [headerFor(body), body]);
  }

  #merge(): void {
    const kept = this.#keptRecords();
    const table = DigestTable.withRoomFor(Math.min(kept.length + this.#fresh.length, mostRecords));
    const records = [...this.#fresh, ...kept.map((record) => this.#table.record(record))];
    for (const record of records.slice(0, mostRecords)) table.insert(record);
    this.#table = table;
    this.#used = new Uint8Array(table.capacity);
    this.#fresh = [];
  }

  #keptRecords(): number[] {
    const used: number[] = [];
    const spare: number[] = [];
    for (let record = 0; record < this.#table.capacity; record++) {
      if (!this.#table.isFree(record)) (this.#used[record] ? used : spare).push(record);
    }
    const isSmall = spare.length <= 2 * (used.length + this.#fresh.length) + spareRecords;
    return isSmall ? [...used, ...spare] : used;
  }
}
