import type { Readable } from "node:stream";

export type CollectedBody = Readonly<{ body: Uint8Array; truncated: boolean }>;

const empty = new Uint8Array(0);

/** Reads a stream up to a number of bytes. What is longer is given up, and its connection with it. */
export function collectBody(stream: Readable, maximum: number): Promise<CollectedBody> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const finish = (truncated: boolean): void => resolve({ body: join(chunks, maximum), truncated });
    stream.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maximum) return;
      finish(true);
      stream.destroy();
    });
    stream.on("end", () => finish(false));
    stream.on("error", reject);
    stream.on("close", () => {
      if (!stream.readableEnded) reject(Object.assign(new Error("cut off"), { code: "ECONNRESET" }));
    });
  });
}

function join(chunks: readonly Uint8Array[], maximum: number): Uint8Array {
  if (chunks.length === 0) return empty;
  return Buffer.concat(chunks).subarray(0, maximum);
}
