import { type Answer, emptyAnswer } from "../http/answer.ts";
import { parseRange } from "../http/byte-range.ts";
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
  const headers = {
    "Docker-Content-Digest": digest,
    ETag: `"${digest}"`,
    "Accept-Ranges": "bytes",
    "Cache-Control": "max-age=31536000",
    "Content-Type": "application/octet-stream",
  };
  if (isUnchanged(request, digest)) return emptyAnswer(304, headers);
  return rangeAnswer(requestedRange(request, digest, blob.length), { status: 200, headers, body: blob });
}

type RequestedRange = ReturnType<typeof parseRange>;

/** If-Range asks for the range only of the very same content; HEAD is asked about the whole. */
function requestedRange({ method, headers }: RegistryRequest, digest: string, size: number): RequestedRange {
  const condition = headers["if-range"] ?? `"${digest}"`;
  return method === "GET" && condition === `"${digest}"` ? parseRange(headers.range, size) : undefined;
}

function rangeAnswer(range: RequestedRange, whole: Answer & { readonly body: Uint8Array }): Answer {
  const size = whole.body.length;
  if (range === undefined) return whole;
  if (range === "unsatisfiable") {
    return emptyAnswer(416, { ...whole.headers, "Content-Range": `bytes */${size}` });
  }
  const headers = { ...whole.headers, "Content-Range": `bytes ${range.start}-${range.end}/${size}` };
  return { status: 206, headers, body: whole.body.subarray(range.start, range.end + 1) };
}

function deleteBlob(service: RegistryService, name: string, reference: string): Answer {
  requireDeletes(service);
  requireBlob(service, name, reference);
  service.store.open(name).blobs.delete(reference);
  return emptyAnswer(202);
}
