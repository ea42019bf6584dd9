import { ProtocolError } from "./protocol-error.ts";

/**
 * The whole body.
 *
 * @throws ProtocolError SIZE_INVALID (413) when it is longer than `limit` bytes
 */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limitBody(body, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same chunks; throws as {@link readBody} does before it hands out a byte past the limit. */
export async function* limitBody(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) {
      const message = `more than ${limit} bytes`;
      throw new ProtocolError("SIZE_INVALID", { status: 413, message, headers: { Connection: "close" } });
    }
    yield chunk;
  }
}
