import { statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { DigestCache } from "./digest-cache.ts";
import { DigestTable, recordWords } from "./digest-table.ts";
import type { RegularFile } from "./list-files.ts";

const now = 10n ** 18n;

/** A file of which nothing but its identity counts. */
function fileOf(words: readonly bigint[]): RegularFile {
  const halves = new Int32Array(BigInt64Array.from(words).buffer);
  return {
    type: "file",
    path: "f",
    hostPath: "/f",
    mode: 0o644,
    size: Number(words[2]),
    identity: { halves, at: 0 },
  };
}

function numbered(inode: number): RegularFile {
  return fileOf([BigInt(inode), 1n, 2n, 3n, 4n]);
}

function digestOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number & 0xff).fill(number >> 8, 0, 1);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("the table", () => {
  test("finds what was put in and nothing else", () => {
    const word = fc.oneof(
      fc.constantFrom(1n, 2n, -1n, 2n ** 32n, 2n ** 62n),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    );
    const identity = fc.tuple(
      word.filter((one) => one !== 0n),
      word,
      word,
      word,
      word,
    );
    const identities = fc.uniqueArray(identity, { maxLength: 60, selector: (words) => words.join() });
    fc.assert(
      fc.property(identities, fc.nat(60), (all, inside) => {
        const table = DigestTable.withRoomFor(inside);
        const put = all.slice(0, inside);
        put.forEach((words, i) => {
          table.insert(BigInt64Array.from([...words, BigInt(i), 0n, 0n, 0n]));
        });
        all.forEach((words, i) => {
          const record = table.find(fileOf(words).identity);
          expect(record < 0 ? undefined : table.record(record)[5]).toBe(
            i < put.length ? BigInt(i) : undefined,
          );
        });
      }),
    );
  });

  test("that is full takes no more, and ends its search", () => {
    const table = new DigestTable(new BigInt64Array(16 * recordWords));
    const record = (inode: bigint): BigInt64Array =>
      BigInt64Array.from([inode, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
    for (let inode = 1n; inode <= 16n; inode++) expect(table.insert(record(inode))).toBe(true);
    expect(table.insert(record(17n))).toBe(false);
    expect(table.find(fileOf([17n, 0n, 0n, 0n, 0n]).identity)).toBe(-1);
    expect(table.insert(record(16n))).toBe(true);
  });
});

describe("the cache", () => {
  test("keeps digests from one run to the next", async () => {
    const file = join(makeTree(), "deep/down/digests");
    const first = new DigestCache(file);
    for (let i = 1; i <= 1000; i++) first.add(numbered(i), digestOf(i), now);
    await first.save();
    const second = new DigestCache(file);
    for (let i = 1; i <= 1000; i++) expect(second.get(numbered(i))).toBe(hex(digestOf(i)));
    expect(second.get(numbered(1001))).toBeUndefined();
    expect(second.get(fileOf([1n, 1n, 2n, 3n, 5n]))).toBeUndefined();
  });

  test("does not grow without end: what no run asks for goes", async () => {
    const file = join(makeTree(), "digests");
    for (let run = 0; run < 40; run++) {
      const cache = new DigestCache(file);
      for (let i = 1; i <= 1000; i++) cache.add(numbered(run * 1000 + i), digestOf(i), now);
      await cache.save();
    }
    expect(statSync(file).size).toBeLessThan(16 * 1024 * 72 + 64);
  });

  test("keeps what other specs of the project asked for", async () => {
    const file = join(makeTree(), "digests");
    const first = new DigestCache(file);
    first.add(numbered(1), digestOf(1), now);
    await first.save();
    const second = new DigestCache(file);
    second.add(numbered(2), digestOf(2), now);
    await second.save();
    expect(new DigestCache(file).get(numbered(1))).toBe(hex(digestOf(1)));
  });

  test.each([
    ["a file that changed within two seconds", [1n, 1n, 2n, 3n, now - 1_999_999_999n]],
    ["a file whose bytes are newer still", [1n, 1n, 2n, now + 1n, 4n]],
    ["a file without an inode's number", [0n, 1n, 2n, 3n, 4n]],
  ])("does not keep %s", async (_, words) => {
    const file = join(makeTree(), "digests");
    const cache = new DigestCache(file);
    cache.add(fileOf(words), digestOf(1), now);
    await cache.save();
    expect(new DigestCache(file).get(fileOf(words))).toBeUndefined();
  });
});
