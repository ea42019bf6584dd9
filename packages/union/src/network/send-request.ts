import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { type Trust, tlsOptions, tunnelOptions } from "./connections.ts";

export type PlainRequest = Readonly<{
  url: string;
  method: "POST" | "PUT";
  headers: Readonly<Record<string, string>>;
  body: Buffer | Readable;
  trust: Trust;
  signal: AbortSignal;
  /** Milliseconds in which nothing moves, after which the connection is taken for dead. */
  stalled: number;
}>;

export type PlainAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;

/** Bytes: more than any honest answer to these requests has. */
const LONGEST_ANSWER = 1024 * 1024;

async function readLimited(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new Error("the answer does not end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * One request on a connection of its own, by the machine's proxy where there is one. Redirects are answers. An answer
 * that comes before all was sent ends the sending.
 */
export async function sendRequest(options: PlainRequest): Promise<PlainAnswer> {
  const { url, method, headers, body, trust, signal, stalled } = options;
  const { request: open } = await import(url.startsWith("https:") ? "node:https" : "node:http");
  const request = (open as typeof import("node:https").request)(url, {
    ...{ method, headers, signal, agent: false },
    ...tlsOptions(trust),
    ...tunnelOptions(url, trust),
  });
  request.setTimeout(stalled, () => request.destroy(new Error("nothing moves on the connection")));
  try {
    return await new Promise<PlainAnswer>((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (response: IncomingMessage) => {
        const { statusCode: status = 0, headers } = response;
        readLimited(response).then((text) => resolve({ status, headers, text }), reject);
      });
      if (Buffer.isBuffer(body)) request.end(body);
      else pipeline(body, request, (error) => error && request.destroyed && reject(error));
    });
  } finally {
    request.destroy();
  }
}
