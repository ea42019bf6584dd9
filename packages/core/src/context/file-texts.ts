import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { FileDigests } from "./digest-files.ts";
import { FileIdentities, type FileIdentity, isSameIdentity } from "./file-identity.ts";
import { type IgnoreFileReader, ignoreLinesOf, readIgnoreBytes } from "./read-ignore-file.ts";

type KnownText = Readonly<{ identity: FileIdentity; text: string }>;
type KnownLines = Readonly<{ identity: FileIdentity; lines: readonly string[] }>;
type Parse<T> = (text: string) => T;
type Parsed = Readonly<{ text: string; value: unknown }>;

const none: readonly string[] = [];

function identityOf(stats: BigIntStats): FileIdentity {
  return new FileIdentities(1).add(stats);
}

/** What cannot be looked at is as good as not there, as for `existsSync`. */
function identityAt(file: string, followLink: boolean): FileIdentity | undefined {
  try {
    const stats = (followLink ? statSync : lstatSync)(file, { bigint: true, throwIfNoEntry: false });
    return stats && identityOf(stats);
  } catch {
    return undefined;
  }
}

function isSame(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && b !== undefined && isSameIdentity(a, b);
}

/**
 * The text of files and what was made of it. Share one object in a run: however many specs name a file, it is read and
 * parsed once for as long as it stays as it is, and what was read here is not read again for its digest.
 */
export class FileTexts {
  readonly #digests: FileDigests;
  readonly #known = new Map<string, KnownText>();
  readonly #parsed = new Map<Parse<unknown>, Map<string, Parsed>>();
  readonly #lines = new Map<string, KnownLines>();

  constructor(digests: FileDigests) {
    this.#digests = digests;
  }

  /** UTF-8. Rejects as `open` and `read` do. */
  async read(file: string): Promise<string> {
    const known = this.#known.get(file);
    if (!known) return this.#readAnew(file);
    const identity = identityOf(await stat(file, { bigint: true }));
    return isSameIdentity(known.identity, identity) ? known.text : this.#readAnew(file);
  }

  async #readAnew(file: string): Promise<string> {
    const handle = await open(file);
    try {
      const before = identityOf(await handle.stat({ bigint: true }));
      const bytes = await handle.readFile();
      const identity = identityOf(await handle.stat({ bigint: true }));
      const text = bytes.toString("utf8");
      if (isSameIdentity(before, identity)) this.#keep(file, { identity, text }, bytes);
      return text;
    } finally {
      await handle.close();
    }
  }

  #keep(file: string, known: KnownText, bytes: Uint8Array): void {
    this.#known.set(file, known);
    this.#noteDigest(file, known.identity, bytes);
  }

  #noteDigest(file: string, identity: FileIdentity, bytes: Uint8Array): void {
    this.#digests.add(file, identity, createHash("sha256").update(bytes).digest("hex"));
  }

  /** What `parse` makes of the file; always give it the same function, which looks at nothing but the text. */
  async parse<T>(file: string, parse: Parse<T>): Promise<T> {
    const text = await this.read(file);
    const known = this.#parsed.get(parse)?.get(file);
    if (known?.text === text) return known.value as T;
    const value = parse(text);
    const byFile = this.#parsed.get(parse) ?? new Map<string, Parsed>();
    this.#parsed.set(parse, byFile.set(file, { text, value }));
    return value;
  }

  /** As `readIgnoreFile`. */
  readonly ignoreLines: IgnoreFileReader = (file, options) => {
    const identity = identityAt(file, options.followLink);
    const key = `${options.followLink} ${file}`;
    const known = this.#lines.get(key);
    if (known && isSame(identity, known.identity)) return known.lines;
    if (!identity) return none;
    const bytes = readIgnoreBytes(file, options);
    const lines = bytes ? ignoreLinesOf(bytes) : none;
    if (!isSame(identity, identityAt(file, options.followLink))) return lines;
    this.#lines.set(key, { identity, lines });
    if (bytes) this.#noteDigest(file, identity, bytes);
    return lines;
  };
}
