import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";

/** A request as the endpoints see it. */
export type RegistryRequest = Readonly<{
  method: string;
  /** Without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Scheme, host and port as the client wrote them; empty where it sent no Host header. */
  origin: string;
  body: AsyncIterable<Uint8Array>;
}>;

export type Handler = (request: RegistryRequest) => Answer | Promise<Answer>;

/** The methods that a path has; HEAD is answered as GET is. */
export type Methods = Readonly<Record<string, Handler>>;

/** `body` keeps the connection when it is left unread, so that a refusal still goes out. */
export function readRequest(message: IncomingMessage, scheme: string): RegistryRequest {
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const host = message.headers.host;
  return {
    method: message.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1)),
    headers: message.headers,
    origin: host === undefined ? "" : `${scheme}://${host}`,
    body: message.iterator({ destroyOnReturn: false }),
  };
}
