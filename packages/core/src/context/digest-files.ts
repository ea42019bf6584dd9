import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ListedFile } from "./list-files.ts";

export type FileDigestsOptions = Readonly<{
  /** Folder of the cache of digests; `false`: none. Default: `$XDG_CACHE_HOME/imagespec`, else `~/.cache/imagespec`. */
  cache?: string | false | undefined;
}>;

type RegularFile = Extract<ListedFile, { type: "file" }>;

/** Digests of files, each file read once in the life of this object. Share one in a run. */
export class FileDigests {
  readonly #known = new Map<string, string>();

  constructor(_options: FileDigestsOptions = {}) {}

  /**
   * The sha256 of each file, in hex, by `hostPath`.
   * @throws {ImageSpecError} `CONTEXT_CHANGED` when a file is not as it was listed, `SPEC_FILE_UNREADABLE`.
   */
  async digest(files: readonly RegularFile[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    for (const { hostPath } of files) {
      signal?.throwIfAborted();
      if (!this.#known.has(hostPath)) {
        this.#known.set(
          hostPath,
          createHash("sha256")
            .update(await readFile(hostPath))
            .digest("hex"),
        );
      }
    }
    return this.#known;
  }
}
