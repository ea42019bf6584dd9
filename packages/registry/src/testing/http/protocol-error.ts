import type { HeaderValues } from "./answer.ts";

/** The error codes of the OCI distribution specification, and `UNKNOWN` for what is the registry's own fault. */
export type ErrorCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DENIED"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "TAG_INVALID"
  | "TOOMANYREQUESTS"
  | "UNAUTHORIZED"
  | "UNKNOWN"
  | "UNSUPPORTED";

const answers: Readonly<Record<ErrorCode, readonly [status: number, message: string]>> = {
  BLOB_UNKNOWN: [404, "blob unknown to registry"],
  BLOB_UPLOAD_INVALID: [400, "blob upload invalid"],
  BLOB_UPLOAD_UNKNOWN: [404, "blob upload unknown to registry"],
  DENIED: [403, "requested access to the resource is denied"],
  DIGEST_INVALID: [400, "provided digest did not match uploaded content"],
  MANIFEST_BLOB_UNKNOWN: [400, "manifest references a manifest or blob unknown to registry"],
  MANIFEST_INVALID: [400, "manifest invalid"],
  MANIFEST_UNKNOWN: [404, "manifest unknown"],
  NAME_INVALID: [400, "invalid repository name"],
  NAME_UNKNOWN: [404, "repository name not known to registry"],
  SIZE_INVALID: [400, "provided length did not match content length"],
  TAG_INVALID: [400, "manifest tag did not match URI"],
  TOOMANYREQUESTS: [429, "too many requests"],
  UNAUTHORIZED: [401, "authentication required"],
  UNKNOWN: [500, "unknown error"],
  UNSUPPORTED: [405, "the operation is unsupported"],
};

export type ProtocolErrorOptions = Readonly<{
  detail?: unknown;
  /** Replaces the status that the code usually has. */
  status?: number;
  message?: string;
  headers?: HeaderValues;
}>;

/** A refusal that is answered in the error format of the OCI distribution specification. */
export class ProtocolError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: HeaderValues;

  constructor(code: ErrorCode, options: ProtocolErrorOptions = {}) {
    const [status, message] = answers[code];
    super(options.message ?? message);
    this.name = "ProtocolError";
    this.code = code;
    this.status = options.status ?? status;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}
