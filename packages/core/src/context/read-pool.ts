import { createReadBuffer } from "./read-buffer.ts";

/** What is read of a file at once. */
export const CHUNK_BYTES: number = 256 * 1024;
/** One byte more tells of growth. */
const MEMORY_BYTES = CHUNK_BYTES + 1;
/** Less than this has memory of its own: many small files at once would each hold that of a chunk. */
const WORTH_BYTES = CHUNK_BYTES / 4;

/**
 * Memory for the chunks of files that is read into again. Without one each chunk has its own, and a sender of big
 * files spends a third of its time on collecting what it has sent.
 */
export class ReadPool {
  readonly #free: Uint8Array[] = [];
  readonly #lent = new WeakMap<ArrayBufferLike, Uint8Array>();

  /** `size` bytes of whatever was in them. */
  take(size: number): Uint8Array {
    if (size < WORTH_BYTES || size > MEMORY_BYTES) return createReadBuffer(size);
    const memory = this.#free.pop() ?? createReadBuffer(MEMORY_BYTES);
    this.#lent.set(memory.buffer, memory);
    return memory.subarray(0, size);
  }

  /** Called once nobody looks at the chunk any more. One that is not of this pool is left alone. */
  giveBack(chunk: Uint8Array): void {
    const memory = this.#lent.get(chunk.buffer);
    if (memory === undefined) return;
    this.#lent.delete(chunk.buffer);
    this.#free.push(memory);
  }
}
