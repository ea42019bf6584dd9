import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJsonLines } from "./json-lines.ts";

async function read(...chunks: readonly Buffer[]): Promise<readonly object[]> {
  const objects: object[] = [];
  for await (const object of readJsonLines(Readable.from(chunks))) objects.push(object);
  return objects;
}

test("gives the same objects wherever the chunks end", async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.string({ unit: "grapheme" })));
  await fc.assert(
    fc.asyncProperty(objects, fc.integer({ min: 1, max: 9 }), async (values, size) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\r\n`).join(""));
      const count = Math.ceil(bytes.length / size);
      const chunks = Array.from({ length: count }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(JSON.stringify(await read(...chunks))).toBe(JSON.stringify(values));
    }),
  );
});

test("a last line needs no newline, and empty lines say nothing", async () => {
  expect(await read(Buffer.from('\n{"a":1}\r\n\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]);
});

test.each(["[]", "1", "nonsense", '{"a":'])("%s is an error", async (line) => {
  await expect(read(Buffer.from(line))).rejects.toMatchObject({ code: "ENGINE_ERROR" });
});

test("a line without end is refused before it fills the memory", async () => {
  const endless = Array.from({ length: 40 }, () => Buffer.alloc(1 << 20, "x"));
  await expect(read(...endless)).rejects.toMatchObject({ code: "ENGINE_ERROR" });
});
