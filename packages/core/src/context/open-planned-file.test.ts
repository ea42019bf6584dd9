import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { openPlannedFile, type PlannedBytes } from "./open-planned-file.ts";

const sizes = [0, 1, 1000, 262_143, 262_144, 262_145, 1_000_000];

function makeFile(size: number): Readonly<{ file: string; bytes: Buffer; planned: PlannedBytes }> {
  const bytes = Buffer.alloc(size, "some text ");
  const file = join(makeTree(), "f");
  writeFileSync(file, bytes);
  return { file, bytes, planned: { size, sha256: createHash("sha256").update(bytes).digest("hex") } };
}

async function read(file: string, planned: PlannedBytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openPlannedFile(file, planned)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function openDescriptors(file: string): number {
  return readdirSync("/proc/self/fd", { withFileTypes: true }).length + (file === "" ? 1 : 0);
}

describe.each(sizes)("a planned file of %i bytes", (size) => {
  test("gives its bytes", async () => {
    const { file, bytes, planned } = makeFile(size);
    expect((await read(file, planned)).equals(bytes)).toBe(true);
  });

  const changes: Readonly<Record<string, (file: string) => void>> = {
    grew: (file) => appendFileSync(file, "x"),
    "grew a lot": (file) => truncateSync(file, 3_000_000),
    "is gone": (file) => rmSync(file),
    "is a folder now": (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    ...(size > 0 && {
      shrank: (file) => truncateSync(file, size - 1),
      "has other bytes": (file) => writeFileSync(file, Buffer.alloc(size, "x")),
    }),
  };

  test.each(Object.entries(changes))(
    "that %s: CONTEXT_CHANGED, and never more bytes than planned",
    async (_, change) => {
      const { file, planned } = makeFile(size);
      change(file);
      let given = 0;
      const reading = async (): Promise<void> => {
        for await (const chunk of openPlannedFile(file, planned)) given += chunk.length;
      };
      await expect(reading()).rejects.toMatchObject({ code: "CONTEXT_CHANGED", details: { file } });
      expect(given).toBeLessThanOrEqual(size);
    },
  );
});

test("a reader that stops leaves nothing open", async () => {
  const { file, planned } = makeFile(3_000_000);
  const before = openDescriptors(file);
  for (let i = 0; i < 20; i++) {
    for await (const chunk of openPlannedFile(file, planned)) if (chunk.length > 0) break;
  }
  expect(openDescriptors(file)).toBeLessThanOrEqual(before);
});
