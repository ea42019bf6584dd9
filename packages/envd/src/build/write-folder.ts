import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type ContextEntry, writeContext } from "@imagespec/core";
import type { BuildRequest, EmittedFile } from "@imagespec/core/builder";

function entryOf({ path, content, mode = 0o644 }: EmittedFile): ContextEntry {
  const bytes = Buffer.from(content);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { type: "file", path, mode, size: bytes.length, open };
}

/** Entries between two turns of the event loop. */
const ENTRIES_AT_ONCE = 64;

/** Files are linked without waiting, so that an abort would be heard only at the end of all of them. */
async function* entriesOf(
  { services, signal }: BuildRequest<unknown>,
  files: readonly EmittedFile[],
): AsyncGenerator<ContextEntry> {
  let count = 0;
  for await (const entry of services.context()) {
    count += 1;
    if (count % ENTRIES_AT_ONCE === 0) await setImmediate();
    signal.throwIfAborted();
    yield entry;
  }
  yield* files.map(entryOf);
}

/**
 * The name of the folder that envd builds from. It enters every step, so it is the same as long as the spec is: steps
 * before a changed file come from the cache. Two builds at once that share it are builds of the same steps, which a
 * builder runs once; any other pair has caches of its own, since apt does not share one. A forced build has a new one.
 */
function folderName({ plan, force }: BuildRequest<unknown>): string {
  return force ? `${plan.id}-${randomBytes(4).toString("hex")}` : plan.id;
}

/** `check` throws `CONTEXT_CHANGED` where a file did not stay as planned while it was there. */
export type BuildFolder = Readonly<{ path: string; check(): Promise<void> }>;

/** Lays out just what is planned, and what belongs to it, in a folder of its own below `parent`. */
export async function writeFolder(
  request: BuildRequest<unknown>,
  { parent, files }: Readonly<{ parent: string; files: readonly EmittedFile[] }>,
): Promise<BuildFolder> {
  const path = join(parent, folderName(request));
  const checks: (() => Promise<void>)[] = [];
  await writeContext(entriesOf(request, files), path, { onLinked: (check) => checks.push(check) });
  const check = async (): Promise<void> => {
    for (const one of checks) await one();
  };
  return { path, check };
}
