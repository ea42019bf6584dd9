import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFile, isDigest } from "@imagespec/core";

/**
 * Facts about content, on disk by digest: they never change, so nothing ends their validity. What cannot be read or
 * written is as if it had not been kept.
 */
export class DigestCache<T> {
  readonly #folder: string | undefined;
  readonly #accept: (value: unknown) => T | undefined;

  /** Without a folder nothing is kept. `accept` checks what was read, which another version may have written. */
  constructor(folder: string | undefined, accept: (value: unknown) => T | undefined) {
    this.#folder = folder;
    this.#accept = accept;
  }

  /** Read at once: the file is small, and threads to read it take longer to start than a question to a registry. */
  async get(digest: string): Promise<T | undefined> {
    const path = this.#path(digest);
    const text = path === undefined ? undefined : orNothing(() => readFileSync(path, "utf8"));
    return text === undefined ? undefined : this.#accept(parse(text));
  }

  async set(digest: string, value: T): Promise<void> {
    const path = this.#path(digest);
    if (path !== undefined) await cacheFile(path, JSON.stringify(value));
  }

  #path(digest: string): string | undefined {
    if (this.#folder === undefined || !isDigest(digest)) return undefined;
    return join(this.#folder, `${digest.replace(":", "-")}.json`);
  }
}

/** A cache that fails costs a request, and is no reason to fail. */
function orNothing<R>(action: () => R): R | undefined {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
