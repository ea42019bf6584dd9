import { type Answer, emptyAnswer } from "../http/answer.ts";
import { type ByteRange, parseContentRange } from "../http/byte-range.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import { requireDigest } from "../store/digest.ts";
import { Upload } from "../store/upload.ts";
import { findBlob, locationOf, type RegistryService } from "./service.ts";

type Target = Readonly<{ service: RegistryService; name: string; request: RegistryRequest }>;

/** `/v2/<name>/blobs/uploads/` */
export function uploadsMethods(service: RegistryService, name: string): Methods {
  return { POST: (request) => startUpload({ service, name, request }) };
}

/** `/v2/<name>/blobs/uploads/<id>` */
export function uploadMethods(service: RegistryService, name: string, id: string): Methods {
  const find = (): Upload => requireUpload(service, name, id);
  return {
    GET: (request) => uploadAnswer({ service, name, request }, find(), 204),
    PATCH: (request) => appendChunk({ service, name, request }, find()),
    PUT: (request) => finishUpload({ service, name, request }, find()),
    DELETE: () => cancelUpload(service, name, find()),
  };
}

function requireUpload(service: RegistryService, name: string, id: string): Upload {
  const upload = service.store.find(name)?.uploads.get(id);
  if (upload === undefined) throw new ProtocolError("BLOB_UPLOAD_UNKNOWN", { detail: { id } });
  return upload;
}

function startUpload(target: Target): Answer | Promise<Answer> {
  const { query } = target.request;
  requireAlgorithm(query.get("digest-algorithm"));
  return mountBlob(target) ?? (query.has("digest") ? uploadAtOnce(target) : openUpload(target));
}

const algorithms: ReadonlySet<string | null> = new Set([null, "sha256", "sha384", "sha512"]);

function requireAlgorithm(algorithm: string | null): void {
  if (algorithms.has(algorithm)) return;
  throw new ProtocolError("DIGEST_INVALID", {
    message: "unsupported digest algorithm",
    detail: { algorithm },
  });
}

/** A mount that cannot be done is an ordinary upload, as the specification has it. */
function mountBlob(target: Target): Answer | undefined {
  const { service, name, request } = target;
  const digest = request.query.get("mount") ?? "";
  const blob = findBlob(service, request.query.get("from") ?? "", digest);
  if (blob === undefined) return undefined;
  service.store.open(name).blobs.set(digest, blob);
  return blobCreated(target, digest);
}

async function uploadAtOnce(target: Target): Promise<Answer> {
  const digest = requireDigest(target.request.query.get("digest"));
  const upload = new Upload(target.service.settings.maxBlobBytes);
  await upload.append(target.request.body);
  return storeBlob(target, digest, upload);
}

function openUpload(target: Target): Answer {
  const { service, name } = target;
  const upload = new Upload(service.settings.maxBlobBytes);
  service.store.open(name).uploads.set(upload.id, upload);
  return uploadAnswer(target, upload, 202);
}

async function appendChunk(target: Target, upload: Upload): Promise<Answer> {
  await upload.append(target.request.body, chunkRange(target.request));
  return uploadAnswer(target, upload, 202);
}

/** @throws ProtocolError when Content-Range is malformed, or contradicts Content-Length */
function chunkRange({ headers }: RegistryRequest): ByteRange | undefined {
  const text = headers["content-range"];
  if (text === undefined) return undefined;
  const range = parseContentRange(text);
  if (range === undefined) {
    throw new ProtocolError("BLOB_UPLOAD_INVALID", { status: 416, message: "malformed Content-Range" });
  }
  const length = headers["content-length"];
  if (length !== undefined && Number(length) !== range.end - range.start + 1)
    throw new ProtocolError("SIZE_INVALID");
  return range;
}

async function finishUpload(target: Target, upload: Upload): Promise<Answer> {
  const digest = requireDigest(target.request.query.get("digest"));
  await upload.append(target.request.body, chunkRange(target.request));
  target.service.store.open(target.name).uploads.delete(upload.id);
  return storeBlob(target, digest, upload);
}

function storeBlob(target: Target, digest: string, upload: Upload): Answer {
  const blob = upload.finish(digest);
  target.service.store.open(target.name).blobs.set(digest, blob);
  return blobCreated(target, digest);
}

function cancelUpload(service: RegistryService, name: string, upload: Upload): Answer {
  service.store.open(name).uploads.delete(upload.id);
  return emptyAnswer(204, { "Docker-Upload-Uuid": upload.id });
}

function blobCreated({ service, name, request }: Target, digest: string): Answer {
  const location = locationOf(service, request, `/v2/${name}/blobs/${digest}`);
  return emptyAnswer(201, { Location: location, "Docker-Content-Digest": digest });
}

function uploadAnswer({ service, name, request }: Target, upload: Upload, status: number): Answer {
  return emptyAnswer(status, {
    Location: locationOf(service, request, `/v2/${name}/blobs/uploads/${upload.id}`),
    Range: upload.range,
    "Docker-Upload-Uuid": upload.id,
  });
}
