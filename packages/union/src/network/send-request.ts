import { open } from "node:fs/promises";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { type Trust, tlsOptions, tunnelOptions } from "./connections.ts";

/** A file of this machine, and who is told how many bytes have gone out. */
export type FileBody = Readonly<{ file: string; onProgress: (bytes: number) => void }>;

export type PlainRequest = Readonly<{
  url: string;
  method: "POST" | "PUT";
  headers: Readonly<Record<string, string>>;
  body: Buffer | FileBody;
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

const BLOCK = 256 * 1024;

/** Resolves once the block may be written over. */
async function writeBlock(request: ClientRequest, block: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // A request that has no connection yet forgets what it was given when it ends.
    const gone = (): void => reject(new Error("the connection is gone"));
    if (request.destroyed) return gone();
    request.once("close", gone);
    request.write(block, (error) => {
      request.off("close", gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** One block at a time and in one place, so that the memory taken does not grow with the file. */
async function sendFile(request: ClientRequest, { file, onProgress }: FileBody): Promise<void> {
  const handle = await open(file);
  try {
    const block = Buffer.allocUnsafe(BLOCK);
    let sent = 0;
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, BLOCK);
      if (bytesRead === 0) break;
      await writeBlock(request, block.subarray(0, bytesRead));
      sent += bytesRead;
      onProgress(sent);
    }
    request.end();
  } finally {
    await handle.close();
  }
}

/**
 * One request on a connection of its own, by the machine's proxy where there is one. Redirects are answers. An answer
 * that comes before all was sent ends the sending.
 */
export async function sendRequest(options: PlainRequest): Promise<PlainAnswer> {
  const { url, method, headers, body, trust, signal, stalled } = options;
  const { request: start } = await import(url.startsWith("https:") ? "node:https" : "node:http");
  const request = (start as typeof import("node:https").request)(url, {
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
      else sendFile(request, body).catch(reject);
    });
  } finally {
    request.destroy();
  }
}
