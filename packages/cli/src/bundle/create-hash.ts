import type { BinaryToTextEncoding } from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";

/** What the command uses of node:crypto's hashes. */
export type SimpleHash = Readonly<{
  update(data: string | Uint8Array): SimpleHash;
  digest(): Buffer;
  digest(encoding: BinaryToTextEncoding): string;
}>;
export type HashFactory = (algorithm: string) => SimpleHash;

/** Bytes that one run hashes without node:crypto. */
const budget = 64 * 1024;

class SmallHash implements SimpleHash {
  readonly #spend: (bytes: number) => boolean;
  readonly #createNodeHash: HashFactory;
  #parts: Buffer[] = [];
  #node: SimpleHash | undefined;

  constructor(spend: (bytes: number) => boolean, createNodeHash: HashFactory) {
    this.#spend = spend;
    this.#createNodeHash = createNodeHash;
  }

  #useNode(): SimpleHash {
    this.#node ??= this.#parts.reduce((hash, part) => hash.update(part), this.#createNodeHash("sha256"));
    this.#parts = [];
    return this.#node;
  }

  update(data: string | Uint8Array): this {
    const size = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    if (this.#node || !this.#spend(size)) this.#useNode().update(data);
    // A copy: callers read file after file into one buffer.
    else this.#parts.push(Buffer.from(data as Uint8Array));
    return this;
  }

  digest(): Buffer;
  digest(encoding: BinaryToTextEncoding): string;
  digest(encoding?: BinaryToTextEncoding): Buffer | string {
    if (this.#node) return encoding === undefined ? this.#node.digest() : this.#node.digest(encoding);
    const digest = Buffer.from(sha256(Buffer.concat(this.#parts)));
    return encoding === undefined ? digest : digest.toString(encoding);
  }
}

/**
 * `createHash` for the bundled command. To load node:crypto takes a sixth of the time that Node itself needs to start,
 * and a tag is the digest of some hundred bytes: so the first {@link budget} bytes of a run are hashed by other code,
 * and all else by node:crypto.
 */
export function frugalHashFactory(createNodeHash: HashFactory): HashFactory {
  let left = budget;
  const spend = (bytes: number): boolean => {
    left -= bytes;
    return left >= 0;
  };
  return (algorithm) =>
    algorithm === "sha256" && left > 0 ? new SmallHash(spend, createNodeHash) : createNodeHash(algorithm);
}
