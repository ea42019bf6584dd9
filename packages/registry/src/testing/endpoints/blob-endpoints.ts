import { type Answer, emptyAnswer, type HeaderValues } from "../http/answer.ts";
import { type ByteRange, parseRange } from "../http/byte-range.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import { requireDigest } from "../store/digest.ts";
import { requireDeletes } from "./deletes.ts";
import { isUnchanged } from "./entity-tag.ts";
import { findBlob, type RegistryService } from "./service.ts";

/** `/v2/<name>/blobs/<digest>` */
export function blobMethods(service: RegistryService, name: string, reference: string): Methods {
  return {
    GET: (request) => getBlob(request, requireDigest(reference), requireBlob(service, name, reference)),
    DELETE: () => deleteBlob(service, name, reference),
  };
}

function requireBlob(service: RegistryService, name: string, reference: string): Uint8Array {
  const blob = findBlob(service, name, requireDigest(reference));
  if (blob === undefined) throw new ProtocolError("BLOB_UNKNOWN", { detail: reference });
  return blob;
}

function getBlob(request: RegistryRequest, digest: string, blob: Uint8Array): Answer {
  const identity = {
    "Docker-Content-Digest": digest,
    ETag: `"${digest}"`,
    "Cache-Control": "max-age=31536000",
  };
  if (isUnchanged(request, digest)) return emptyAnswer(304, identity);
  const range = requestedRange(request, digest, blob.length);
  if (range === "unsatisfiable") {
    return emptyAnswer(416, { ...identity, "Content-Range": `bytes */${blob.length}` });
  }
  const headers = { ...identity, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream" };
  return range === undefined ? { status: 200, headers, body: blob } : partAnswer(range, blob, headers);
}

type RequestedRange = ReturnType<typeof parseRange>;

/** If-Range asks for the range only of the very same content; HEAD is asked about the whole. */
function requestedRange({ method, headers }: RegistryRequest, digest: string, size: number): RequestedRange {
  const condition = headers["if-range"] ?? `"${digest}"`;
  return method === "GET" && condition === `"${digest}"` ? parseRange(headers.range, size) : undefined;
}

function partAnswer({ start, end }: ByteRange, blob: Uint8Array, headers: HeaderValues): Answer {
  return {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${start}-${end}/${blob.length}` },
    body: blob.subarray(start, end + 1),
  };
}

function deleteBlob(service: RegistryService, name: string, reference: string): Answer {
  requireDeletes(service);
  requireBlob(service, name, reference);
  service.store.open(name).blobs.delete(reference);
  return emptyAnswer(202);
}
