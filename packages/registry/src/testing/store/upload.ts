import { randomUUID } from "node:crypto";
import type { ByteRange } from "../http/byte-range.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import { limitBody } from "../http/read-body.ts";
import { verifyDigest } from "./digest.ts";

/** A blob on its way in. What arrived before a connection broke stays, so that the client can go on from there. */
export class Upload {
  readonly id: string = randomUUID();
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #writing = false;

  /** @param limit the most bytes that the finished blob may have */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends a chunk. `range` is where the client says that it belongs.
   *
   * @throws ProtocolError BLOB_UPLOAD_INVALID (416) when that is not the end of what is here, or another request is
   * still writing; SIZE_INVALID when the body's length is not the range's, which leaves the upload as it was
   */
  async append(body: AsyncIterable<Uint8Array>, range?: ByteRange): Promise<void> {
    if (range !== undefined && range.start !== this.#size)
      throw this.#outOfOrder("the chunk is out of order");
    if (this.#writing) throw this.#outOfOrder("another request writes to this upload");
    this.#writing = true;
    try {
      await this.#receive(body, range);
    } finally {
      this.#writing = false;
    }
  }

  async #receive(body: AsyncIterable<Uint8Array>, range: ByteRange | undefined): Promise<void> {
    const { length } = this.#chunks;
    const size = this.#size;
    for await (const chunk of limitBody(body, this.#limit - size)) {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
    }
    if (range === undefined || this.#size === range.end + 1) return;
    this.#chunks.length = length;
    this.#size = size;
    throw new ProtocolError("SIZE_INVALID");
  }

  #outOfOrder(message: string): ProtocolError {
    return new ProtocolError("BLOB_UPLOAD_INVALID", { status: 416, message, headers: { Range: this.range } });
  }

  /** The Range header that tells how far the upload is; `0-0` also when nothing is there yet, as docker writes it. */
  get range(): string {
    return `0-${Math.max(0, this.#size - 1)}`;
  }

  /** The blob. @throws ProtocolError DIGEST_INVALID when the bytes are others than the digest says */
  finish(digest: string): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    verifyDigest(bytes, digest);
    return bytes;
  }
}
