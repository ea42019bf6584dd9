import type { Client } from "@connectrpc/connect";
import type { DataProxyService } from "@flyteorg/flyteidl2/flyteidl2/dataproxy/dataproxy_service_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import { asUnionError, withoutQueries } from "../client/faults.ts";
import { retry } from "../client/retry.ts";
import { Operation, type UnionClient } from "../client/union-client.ts";
import { type FileBody, type PlainAnswer, sendRequest } from "../network/send-request.ts";

/** Bytes that are uploaded: held in memory, or a file of this machine. */
export type Upload = Readonly<{
  name: string;
  size: number;
  md5: Uint8Array;
  content: Readonly<{ bytes: Uint8Array } | { file: string }>;
}>;

export type UploadOptions = Readonly<{
  client: UnionClient;
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
}>;

/** Seconds that a signed URL is asked to last. */
const SIGNED_FOR = 900n;
const LONGEST_RETRY_AFTER = 60_000;
/** Milliseconds without a byte moving after which a PUT is taken for dead. */
const STALLED = 120_000;

/** A refusal of the object store that may be another answer the next time. */
class StoreFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;

  constructor(status: number, code: string, retryAfter: number) {
    super(`the object store answers ${status}${code === "" ? "" : ` (${code})`}`);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** A signature that ran out is worth a new location. */
  get isExpired(): boolean {
    return this.status === 403 && /expired|AccessDenied|AuthenticationFailed/i.test(this.code);
  }

  get isTransient(): boolean {
    const timedOut = this.status === 400 && this.code === "RequestTimeout";
    return timedOut || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Seconds or a date by the server's own clock (RFC 9110, section 10.2.3), as milliseconds from now. */
function retryAfterOf(headers: PlainAnswer["headers"]): number {
  const { "retry-after": text = "", date = "" } = headers;
  const now = Date.parse(date) || Date.now();
  const pause = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(pause) ? 0 : Math.min(Math.max(pause, 0), LONGEST_RETRY_AFTER);
}

type SignedHeaders = Readonly<Record<string, string>>;

/** The headers that were signed, with the true length whatever the server says of it. */
function putHeaders(signed: SignedHeaders, blob: Upload, nativeUrl: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(signed)) headers[name.toLowerCase()] = value;
  headers["content-length"] = String(blob.size);
  headers["content-md5"] = Buffer.from(blob.md5).toString("base64");
  if (nativeUrl.startsWith("abfs://")) headers["x-ms-blob-type"] = "BlockBlob";
  return headers;
}

function bodyOf({ content }: Upload, onProgress: (bytes: number) => void): Buffer | FileBody {
  return "bytes" in content ? Buffer.from(content.bytes) : { file: content.file, onProgress };
}

type Location = Readonly<{ signedUrl: string; nativeUrl: string; headers: SignedHeaders }>;

function storeFault({ status, headers, text }: PlainAnswer): StoreFault {
  const code = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? "";
  return new StoreFault(status, code, retryAfterOf(headers));
}

async function put(blob: Upload, location: Location, options: UploadOptions): Promise<void> {
  const { client, signal, onProgress } = options;
  const answer = await sendRequest({
    url: location.signedUrl,
    method: "PUT",
    headers: putHeaders(location.headers, blob, location.nativeUrl),
    body: bodyOf(blob, onProgress),
    trust: client.settings.trust,
    signal,
    stalled: STALLED,
  });
  if (answer.status < 200 || answer.status >= 300) throw storeFault(answer);
}

async function locate(
  blob: Upload,
  client: Client<typeof DataProxyService>,
  { client: union, signal }: UploadOptions,
): Promise<Location> {
  const { org, project, domain } = union.settings;
  const request = {
    ...{ project, domain, org },
    filename: blob.name,
    contentMd5: blob.md5,
    expiresIn: { seconds: SIGNED_FOR, nanos: 0 },
    addContentMd5Metadata: true,
  };
  return client.createUploadLocation(request, { signal, timeoutMs: union.limits.call });
}

function uploadFailed(blob: Upload, cause: unknown): ImageSpecError {
  const reason = withoutQueries(cause instanceof Error ? cause.message : String(cause));
  return new ImageSpecError("UNION_UPLOAD_FAILED", `${blob.name} cannot be uploaded: ${reason}`, {
    hint: "run it again; if it stays so, a proxy or the object store's rules keep the upload out",
  });
}

/** The store takes it at once or after some tries; an expired signature gets a new one, once. */
async function putPatiently(blob: Upload, location: Location, options: UploadOptions): Promise<void> {
  const again = (error: unknown): boolean | number =>
    error instanceof StoreFault ? error.isTransient && error.retryAfter : !ImageSpecError.isInstance(error);
  await retry(() => put(blob, location, options), {
    tries: 4,
    first: 500,
    longest: 10_000,
    signal: options.signal,
    again,
  });
}

/**
 * Uploads the bytes and gives the name by which Union's tasks know them.
 *
 * @throws ImageSpecError `UNION_UPLOAD_FAILED`, and as the calls of Union
 */
export async function upload(blob: Upload, options: UploadOptions): Promise<string> {
  const { client, signal } = options;
  try {
    const data = await client.data(Operation.CREATE_UPLOAD_LOCATION, { signal });
    let location = await locate(blob, data, options);
    try {
      await putPatiently(blob, location, options);
    } catch (error) {
      if (!(error instanceof StoreFault && error.isExpired)) throw error;
      location = await locate(blob, data, options);
      await putPatiently(blob, location, options);
    }
    return location.nativeUrl;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && error.name === "ConnectError")
      throw asUnionError(error, `uploading ${blob.name}`);
    throw ImageSpecError.isInstance(error) ? error : uploadFailed(blob, error);
  }
}
