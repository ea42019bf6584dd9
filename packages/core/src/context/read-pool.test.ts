import { expect, test } from "vitest";
import { CHUNK_BYTES, ReadPool } from "./read-pool.ts";

test("memory is lent again when a chunk of it came back, once", () => {
  const pool = new ReadPool();
  const first = pool.take(100_000);
  const second = pool.take(CHUNK_BYTES);
  expect([first.length, second.length]).toEqual([100_000, CHUNK_BYTES]);
  expect(second.buffer).not.toBe(first.buffer);
  pool.giveBack(first.subarray(2, 4));
  pool.giveBack(first);
  expect(pool.take(CHUNK_BYTES + 1).buffer).toBe(first.buffer);
  expect(pool.take(CHUNK_BYTES).buffer).not.toBe(first.buffer);
});

test("what is not of the pool is left alone", () => {
  const pool = new ReadPool();
  const big = pool.take(CHUNK_BYTES * 2);
  expect(big.length).toBe(CHUNK_BYTES * 2);
  const text = Buffer.from("text");
  for (const chunk of [big, text]) pool.giveBack(chunk);
  for (const chunk of [pool.take(CHUNK_BYTES), pool.take(CHUNK_BYTES)]) {
    expect([big.buffer, text.buffer]).not.toContain(chunk.buffer);
  }
});

test("a small chunk holds no more memory than it needs", () => {
  const pool = new ReadPool();
  const small = pool.take(100);
  expect(small.buffer.byteLength).toBeLessThan(1000);
  pool.giveBack(small);
  expect(pool.take(CHUNK_BYTES).buffer).not.toBe(small.buffer);
});
