import type { ReadPool } from "./read-pool.ts";

/**
 * One entry of a build context. `path` is relative, with `/`, sorted so that a folder comes before what it holds.
 * `open` gives the bytes once per call; it throws `CONTEXT_CHANGED` at the end when they are not the planned ones. They
 * may lie in memory of the pool, for whoever takes them to give back.
 */
export type ContextEntry = Readonly<
  | {
      type: "file";
      path: string;
      mode: number;
      size: number;
      /** In hex, of the bytes that are planned; undefined where nobody has counted them. */
      sha256?: string | undefined;
      open: (pool?: ReadPool) => AsyncIterable<Uint8Array>;
      /**
       * Makes `target` the file without reading it; undefined where that cannot be. What it gives throws
       * `CONTEXT_CHANGED` once the file is no longer the planned one.
       */
      link?: ((target: string) => Promise<(() => Promise<void>) | undefined>) | undefined;
    }
  | { type: "directory"; path: string; mode: number }
  | { type: "symlink"; path: string; target: string }
>;
