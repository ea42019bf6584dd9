import { packContext as packTar } from "@imagespec/core";
import type { BuildPlan, ContextEntry, StreamedFile } from "@imagespec/core/builder";
import { layOutContext } from "../layout/context-layout.ts";
import { relocateEntries } from "./relocate-entries.ts";

const ARCHIVE_NAME = "context.tar.gz";

/** 1981-01-01, as the official client writes it. */
const ARCHIVE_TIME = 347_155_200;
/** More costs time that a faster upload does not give back. */
const COMPRESSION_LEVEL = 1;

/** `context.tar.gz` for a plan; undefined where it needs no files. */
export function packContext(
  plan: BuildPlan,
  entries: () => AsyncIterable<ContextEntry>,
): StreamedFile | undefined {
  const layout = layOutContext(plan);
  if (layout.places.size === 0) return undefined;
  return { path: ARCHIVE_NAME, content: () => archiveContext(relocateEntries(entries(), layout)) };
}

/**
 * The bytes of `context.tar.gz`. The same for the same entries on every host: Node's own zlib differs by release and
 * by processor, so the compressor is one in JavaScript.
 */
export async function* archiveContext(
  entries: AsyncIterable<ContextEntry> | Iterable<ContextEntry>,
): AsyncGenerator<Uint8Array> {
  const { Gzip } = await import("fflate");
  const ready: Uint8Array[] = [];
  const gzip = new Gzip({ level: COMPRESSION_LEVEL, mtime: 0 }, (chunk) => ready.push(chunk));
  for await (const chunk of packTar(entries, { time: ARCHIVE_TIME })) {
    gzip.push(chunk as Uint8Array);
    yield* ready.splice(0);
  }
  gzip.push(new Uint8Array(0), true);
  yield* ready;
}
