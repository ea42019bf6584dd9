import fc from "fast-check";
import { expect, test } from "vitest";
import { LogLines } from "./log-lines.ts";

function linesOf(...parts: readonly (string | Uint8Array)[]): readonly string[] {
  const lines = new LogLines();
  return [...parts.flatMap((part) => lines.push(Buffer.from(part as string))), ...lines.flush()];
}

test("the lines of a log are the same wherever its parts end, within a character too", () => {
  const text = fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replace(/[\r\n]/g, " ")));
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 40 })), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size));
      const parts = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(linesOf(...parts, bytes.subarray(ends.at(-1) ?? 0))).toEqual(lines);
    }),
  );
});

test("a last line without newline is given at the end", () => {
  expect(linesOf("a\nb")).toEqual(["a", "b"]);
  expect(linesOf("a\n")).toEqual(["a"]);
  expect(linesOf()).toEqual([]);
});

test("a line that draws over itself is what it drew last", () => {
  expect(linesOf("10%\r50", "%\r100%\r\nnext\r\n")).toEqual(["100%", "next"]);
});

test("a clipped log goes on with the line that says so", () => {
  expect(linesOf("half a li", "\n[output clipped, log limit 200KiB/s reached]\n", "more\n")).toEqual([
    "half a li",
    "[output clipped, log limit 200KiB/s reached]",
    "more",
  ]);
});

test("what never ends its line is shown in pieces, and a bar that redraws itself costs no memory", () => {
  const pieces = linesOf(...Array.from({ length: 100 }, () => "x".repeat(1024)));
  expect(pieces.join("")).toBe("x".repeat(100 * 1024));
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(32 * 1024);
  expect(linesOf(...Array.from({ length: 5000 }, (_, index) => `${index} of 5000\r`), "done\n")).toEqual([
    "done",
  ]);
});
