import { randomUUID } from "node:crypto";
import { Code, type Interceptor, type Transport } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport } from "@connectrpc/connect-node";
import type { Endpoint } from "../config/endpoint.ts";
import { codeOf, isUntrusted } from "./faults.ts";
import { retry } from "./retry.ts";

/** Lends the header that says who asks. */
export type Authority = Readonly<{
  /** Undefined: nobody signed in yet. */
  current(): Promise<readonly [name: string, value: string] | undefined>;
  /** Signs in anew after the server refused what `refused` said, once for all who ask at the same time. */
  renew(refused: string | undefined, signal: AbortSignal): Promise<void>;
}>;

export type Trust = Readonly<{ ca: string | undefined; skipVerify: boolean }>;

const transient: ReadonlySet<Code | undefined> = new Set([
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Internal,
]);
/** Milliseconds after which a connection that may be dead is asked for a sign of life. */
const PING_INTERVAL = 20_000;

/** One id for all tries of a call, so that servers can tell a repetition. */
const identify: Interceptor = (next) => (request) => {
  request.header.set("x-request-id", randomUUID());
  return next(request);
};

const repeat: Interceptor = (next) => (request) => {
  if (request.stream) return next(request);
  const again = (error: unknown): boolean => transient.has(codeOf(error)) && !isUntrusted(error);
  return retry(() => next(request), { tries: 4, first: 500, longest: 10_000, signal: request.signal, again });
};

/** The first call goes out as it is; who is refused signs in and asks once more. */
function authorize(authority: Authority): Interceptor {
  return (next) => async (request) => {
    const send = async (): ReturnType<typeof next> => {
      const header = await authority.current();
      if (header) request.header.set(...header);
      return next(request);
    };
    const before = (await authority.current())?.[1];
    try {
      return await send();
    } catch (error) {
      if (codeOf(error) !== Code.Unauthenticated) throw error;
      await authority.renew(before, request.signal);
      return send();
    }
  };
}

/**
 * The Connect protocol, binary and gzipped: HTTP/2 where the connection is encrypted, HTTP/1.1 where it is not.
 * Unary calls are repeated while the server is unavailable; streams are their caller's to open again.
 */
export function openTransport(endpoint: Endpoint, trust: Trust, authority?: Authority): Transport {
  const interceptors = [identify, repeat, ...(authority ? [authorize(authority)] : [])];
  const common = {
    baseUrl: endpoint.origin,
    interceptors,
    sendCompression: compressionGzip,
    compressMinBytes: 0,
    acceptCompression: [compressionGzip],
  };
  if (!endpoint.isSecure) return createConnectTransport({ ...common, httpVersion: "1.1" });
  const nodeOptions = {
    ...(trust.ca !== undefined && { ca: trust.ca }),
    rejectUnauthorized: !trust.skipVerify,
  };
  return createConnectTransport({ ...common, httpVersion: "2", nodeOptions, pingIntervalMs: PING_INTERVAL });
}
