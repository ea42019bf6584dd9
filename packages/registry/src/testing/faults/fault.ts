import type { HeaderValues } from "../http/answer.ts";
import type { ErrorCode } from "../http/protocol-error.ts";
import type { RecordedRequest } from "../recorded-request.ts";

/** What goes wrong. Where an answer is replaced, the request has no effect on what the registry holds. */
export type Fault =
  /** Replaces the answer. Without `body` it is an error in the registry's format, of `code`. */
  | Readonly<{
      kind: "status";
      status: number;
      code?: ErrorCode;
      message?: string;
      headers?: HeaderValues;
      body?: string | Uint8Array;
    }>
  /** Replaces the answer with a web page, as captive portals and wrong hosts do. Default status 200. */
  | Readonly<{ kind: "html"; status?: number }>
  /** Replaces the answer with 429. `retryAfter`: seconds or an HTTP date; left out, the header is too. */
  | Readonly<{ kind: "rate-limit"; retryAfter?: number | string }>
  /** Replaces the answer. Default status 307. */
  | Readonly<{ kind: "redirect"; location: string; status?: number }>
  /** Closes the connection without an answer. */
  | Readonly<{ kind: "drop" }>
  /** Revokes the bearer token that the request carries, so that it is answered as if it had expired. */
  | Readonly<{ kind: "expired-token" }>
  /** Answers, rightly, once the rule is released. */
  | Readonly<{ kind: "delay" }>
  /** Closes the connection after that many bytes of the body. Default: half of them. */
  | Readonly<{ kind: "cut"; afterBytes?: number }>
  /** Sends another Docker-Content-Digest. Default: a well-formed one of other bytes. */
  | Readonly<{ kind: "wrong-digest"; digest?: string }>
  /** Leaves out headers, in any case. */
  | Readonly<{ kind: "missing-headers"; names: readonly string[] }>
  /** Adds or replaces headers. */
  | Readonly<{ kind: "headers"; headers: HeaderValues }>
  /** Adds one header of that many bytes. Default: 10 MB. */
  | Readonly<{ kind: "huge-headers"; bytes?: number }>
  /** Sends a body that ends only when the client or the registry closes the connection. */
  | Readonly<{ kind: "endless-body" }>;

/** Which requests a fault meets. Every part that is given must match. */
export type FaultRule = Readonly<{
  fault: Fault;
  method?: string | readonly string[];
  /** The path without the query: all of it as a string, any part as an expression. */
  path?: string | RegExp;
  when?: (request: RecordedRequest) => boolean;
  /** Counted from 1 among the requests that match the above: one, or the first and last of a run. Default: all. */
  nth?: number | readonly [first: number, last: number];
}>;

/** A rule in force. */
export type FaultHandle = Readonly<{
  /** The requests that it has met so far. */
  hits: readonly RecordedRequest[];
  /** Resolves once it has met that many requests, by default one. */
  reached(count?: number): Promise<void>;
  /** Lets delayed requests go, and later ones too. */
  release(): void;
  /** Takes the rule out, and releases it. */
  remove(): void;
}>;
