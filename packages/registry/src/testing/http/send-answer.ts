import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Answer, type HeaderValues, withoutHeader } from "./answer.ts";

/** An answer, and how badly it is sent. */
export type Delivery = Readonly<{
  answer: Answer;
  /** Headers that are left out at the very last, those of the transport too. */
  omit?: readonly string[];
  /** A number: the connection closes after that many bytes of the body. `drop`: it closes without an answer. */
  ending?: "drop" | "never" | number;
}>;

const endlessChunk = Buffer.alloc(65_536, " ");

/** Sends the answer, for HEAD only its headers. Resolves when the rest is the connection's own work. */
export async function sendAnswer(response: ServerResponse, delivery: Delivery): Promise<void> {
  const { answer, ending } = delivery;
  if (response.destroyed) return;
  if (ending === "drop") {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, transportHeaders(response, delivery));
  const body = response.req.method === "HEAD" ? Buffer.alloc(0) : (answer.body ?? Buffer.alloc(0));
  if (ending === undefined) response.end(body);
  else if (ending === "never") await sendForever(response);
  else cutAfter(response, body.subarray(0, ending));
}

function cutAfter(response: ServerResponse, part: Uint8Array): void {
  response.flushHeaders();
  response.write(part, () => response.destroy());
}

function transportHeaders(
  response: ServerResponse,
  { answer, ending, omit = [] }: Delivery,
): OutgoingHttpHeaders {
  const isBodyless = answer.status === 204 || answer.status === 304;
  const length = { "Content-Length": String(answer.body?.length ?? 0) };
  const headers: HeaderValues = {
    "Docker-Distribution-Api-Version": "registry/2.0",
    ...(isBodyless || ending === "never" ? {} : length),
    ...answer.headers,
  };
  if (omit.some((name) => name.toLowerCase() === "date")) response.sendDate = false;
  return { ...(omit.reduce(withoutHeader, headers) as OutgoingHttpHeaders) };
}

/** @throws what the connection fails with, except that it was closed */
async function sendForever(response: ServerResponse): Promise<void> {
  try {
    await pipeline(endlessChunks(), response);
  } catch (error) {
    if (!response.destroyed) throw error;
  }
}

function* endlessChunks(): Generator<Uint8Array, void, undefined> {
  for (;;) yield endlessChunk;
}
