import type { BuildTrace } from "../build/trace.ts";

/** Understands what an engine prints while it builds. */
export type ProgressReader = Readonly<{
  /** What is told by this part of the output, which may end anywhere. */
  read(part: Uint8Array): BuildTrace;
  /** What is left when no more will come; `error` says why the build failed, where it did. */
  end(error: string | undefined): BuildTrace;
  /** Why the tool says that it failed; undefined where it says nothing. */
  error(): string | undefined;
}>;

export const noTrace: BuildTrace = { vertices: [], statuses: [], logs: [], warnings: [] };
