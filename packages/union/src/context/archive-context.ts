import { packContext } from "@imagespec/core";
import type { ContextEntry } from "@imagespec/core/builder";
import { Gzip } from "fflate";

/** 1981-01-01, as the official client writes it. */
const ARCHIVE_TIME = 347_155_200;
/** More costs time that a faster upload does not give back. */
const COMPRESSION_LEVEL = 1;

/**
 * The bytes of `context.tar.gz`. The same for the same entries on every host: Node's own zlib differs by release and
 * by processor, so the compressor is one in JavaScript.
 */
export async function* archiveContext(
  entries: AsyncIterable<ContextEntry> | Iterable<ContextEntry>,
): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const gzip = new Gzip({ level: COMPRESSION_LEVEL, mtime: 0 }, (chunk) => ready.push(chunk));
  for await (const chunk of packContext(entries, { time: ARCHIVE_TIME })) {
    gzip.push(chunk as Uint8Array);
    yield* ready.splice(0);
  }
  gzip.push(new Uint8Array(0), true);
  yield* ready;
}
