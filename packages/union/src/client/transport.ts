import { randomUUID } from "node:crypto";
import { Code, type Interceptor, type Transport } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import type { Endpoint } from "../config/endpoint.ts";
import { http1Options, http2Options, type Trust } from "../network/connections.ts";
import type { Protocol } from "../options.ts";
import { type Authority, authorize } from "./authorize.ts";
import { codeOf, isUntrusted } from "./faults.ts";
import { retry } from "./retry.ts";

export type TransportOptions = Readonly<{
  endpoint: Endpoint;
  trust: Trust;
  protocol: Protocol;
  ping: number;
}>;

export const transient: ReadonlySet<Code | undefined> = new Set([
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Internal,
  // A kept connection that was closed meanwhile.
  Code.Aborted,
]);
/** Bytes of one message: more than Union's longest, and less than what would hurt. */
const LONGEST_MESSAGE = 64 * 1024 * 1024;

/** One id for all tries of a call, so that servers can tell a repetition. */
const identify: Interceptor = (next) => (request) => {
  request.header.set("x-request-id", randomUUID());
  return next(request);
};

const repeat: Interceptor = (next) => (request) => {
  if (request.stream || request.method.name === "CreateRun") return next(request);
  const again = (error: unknown): boolean => transient.has(codeOf(error)) && !isUntrusted(error);
  return retry(() => next(request), { tries: 4, first: 500, longest: 10_000, signal: request.signal, again });
};

/**
 * Binary and gzipped. Connect: HTTP/2 where the connection is encrypted, HTTP/1.1 where it is not. gRPC: HTTP/2 always.
 * Unary calls are repeated while the server is unavailable; streams are their caller's to open again, and so is the
 * one call that must not happen twice.
 */
export function openTransport(options: TransportOptions, authority?: Authority): Transport {
  const { endpoint, trust, protocol, ping } = options;
  const common = {
    baseUrl: endpoint.origin,
    interceptors: [identify, repeat, ...(authority ? [authorize(authority)] : [])],
    sendCompression: compressionGzip,
    compressMinBytes: 0,
    acceptCompression: [compressionGzip],
    readMaxBytes: LONGEST_MESSAGE,
  };
  if (protocol === "connect" && !endpoint.isSecure) {
    return createConnectTransport({
      ...common,
      httpVersion: "1.1",
      nodeOptions: http1Options(endpoint.origin),
    });
  }
  const nodeOptions = http2Options(endpoint.origin, trust);
  const http2 = { ...common, nodeOptions, pingIntervalMs: ping, pingTimeoutMs: ping };
  return protocol === "grpc"
    ? createGrpcTransport(http2)
    : createConnectTransport({ ...http2, httpVersion: "2" });
}
