import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheDirectory } from "./cache-directory.ts";
import { DigestCache } from "./digest-cache.ts";
import { contextChanged, rereadFault } from "./file-errors.ts";
import { type FileIdentity, isSameIdentity } from "./file-identity.ts";
import { createHashJob, type HashJob } from "./hash-job.ts";
import type { RegularFile } from "./list-files.ts";
import { runHashJob } from "./run-hash-job.ts";

export type FileDigestsOptions = Readonly<{
  /**
   * Folder of the cache of digests, or `false` for none. Default: `imagespec` in `$XDG_CACHE_HOME`, else in `~/.cache`
   * (XDG Base Directory Specification).
   */
  cache?: string | false | undefined;
}>;

type KnownDigest = Readonly<{ identity: FileIdentity; sha256: string }>;

/** What opening, asking and closing a file costs, as bytes that could have been hashed in that time. */
const costOfFile = 32 * 1024;
/** With less to read than this, the cache would cost more than it saves. */
const worthCache = 16 * 1024 * 1024;

function costOf(files: readonly RegularFile[]): number {
  return files.reduce((sum, { size }) => sum + size + costOfFile, 0);
}

function digestAt(job: HashJob, index: number): Uint8Array {
  return job.digests.subarray(index * 32, (index + 1) * 32);
}

async function hashAll(files: readonly RegularFile[], signal: AbortSignal | undefined): Promise<HashJob> {
  const job = createHashJob(files);
  const fault = await runHashJob(job, signal);
  const changed = job.states.indexOf(2);
  if (changed >= 0) throw contextChanged(job.paths[changed]!);
  if (!fault) return job;
  const cause = Object.assign(new Error(fault.code), { code: fault.code });
  throw rereadFault(cause, job.paths[fault.index]!);
}

/**
 * The sha256 of files. Share one object in a run: each file is read once in its life. Digests of bigger sets are kept
 * for later runs by device, inode, size, mtime and ctime.
 */
export class FileDigests {
  readonly #known = new Map<string, KnownDigest>();
  readonly #folder: string | undefined;
  #cache: DigestCache | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ cache }: FileDigestsOptions = {}) {
    this.#folder = cache === false ? undefined : (cache ?? cacheDirectory());
  }

  /**
   * The sha256 of each file, in hex, by `hostPath`.
   * @throws {ImageSpecError} `CONTEXT_CHANGED` when a file is not as it was listed, `SPEC_FILE_UNREADABLE`.
   */
  async digest(files: readonly RegularFile[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    signal?.throwIfAborted();
    const turn = this.#turn.then(() => this.#digest(files, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The sha256 of a file that somebody else has read, in hex. */
  add(hostPath: string, identity: FileIdentity, sha256: string): void {
    this.#known.set(hostPath, { identity, sha256 });
  }

  async #digest(
    files: readonly RegularFile[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, string>> {
    const cache = costOf(files) < worthCache ? undefined : this.#openCache();
    const found = new Map<string, string>();
    const unread = new Map<string, RegularFile>();
    for (const file of files) {
      const sha256 = this.#recall(file) ?? cache?.get(file);
      if (sha256 === undefined) unread.set(file.hostPath, file);
      else found.set(file.hostPath, sha256);
    }
    await this.#read([...unread.values()], signal);
    for (const path of unread.keys()) found.set(path, this.#known.get(path)!.sha256);
    await cache?.save();
    return found;
  }

  #recall({ hostPath, identity }: RegularFile): string | undefined {
    const known = this.#known.get(hostPath);
    return known && isSameIdentity(known.identity, identity) ? known.sha256 : undefined;
  }

  async #read(files: readonly RegularFile[], signal: AbortSignal | undefined): Promise<void> {
    if (files.length === 0) return;
    const readAt = BigInt(Date.now()) * 1_000_000n;
    const biggestFirst = [...files].sort((a, b) => b.size - a.size);
    const job = await hashAll(biggestFirst, signal);
    biggestFirst.forEach((file, index) => {
      const digest = digestAt(job, index);
      this.#known.set(file.hostPath, {
        identity: file.identity,
        sha256: Buffer.from(digest).toString("hex"),
      });
      this.#cache?.add(file, digest, readAt);
    });
  }

  #openCache(): DigestCache | undefined {
    if (this.#folder === undefined) return undefined;
    const project = createHash("sha256").update(process.cwd()).digest("hex").slice(0, 16);
    this.#cache ??= new DigestCache(join(this.#folder, `digests-${project}`));
    return this.#cache;
  }
}
