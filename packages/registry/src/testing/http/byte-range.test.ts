import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseContentRange, parseRange } from "./byte-range.ts";

describe("Range", () => {
  test.each([
    ["bytes=0-3", { start: 0, end: 3 }],
    ["bytes=2-", { start: 2, end: 9 }],
    ["bytes=-3", { start: 7, end: 9 }],
    ["bytes=-30", { start: 0, end: 9 }],
    ["bytes=9-9", { start: 9, end: 9 }],
    ["bytes=5-100", { start: 5, end: 9 }],
    ["BYTES= 0-0 ", { start: 0, end: 0 }],
    [`bytes=0-${"9".repeat(400)}`, { start: 0, end: 9 }],
    ["bytes=10-", "unsatisfiable"],
    [`bytes=${"9".repeat(400)}-`, "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-2", "unsatisfiable"],
    ["bytes=x", "unsatisfiable"],
    ["bytes=-", "unsatisfiable"],
    ["bytes=", "unsatisfiable"],
    ["bytes=1e1-", "unsatisfiable"],
    ["items=0-1", undefined],
    ["bytes=0-1,3-4", undefined],
    [undefined, undefined],
  ])("%s of ten bytes", (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  test("of nothing", () => {
    expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
    expect(parseRange("bytes=-1", 0)).toBeUndefined();
  });

  test("whatever is sent, the range lies within the content", () => {
    const header = fc.oneof(
      fc.string(),
      fc.string().map((text) => `bytes=${text}`),
      fc.tuple(fc.nat(), fc.nat()).map(([start, end]) => `bytes=${start}-${end}`),
      fc.stringMatching(/^bytes=[0-9]{0,30}-[0-9]{0,30}$/),
    );
    fc.assert(
      fc.property(header, fc.nat(), (text, size) => {
        const range = parseRange(text, size);
        if (range === undefined || range === "unsatisfiable") return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
      }),
      { numRuns: 5000 },
    );
  });

  test("a range within the content is given as asked for", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (start, length, rest) => {
        const end = start + length;
        expect(parseRange(`bytes=${start}-${end}`, end + 1 + rest)).toEqual({ start, end });
      }),
    );
  });
});

describe("Content-Range of an upload", () => {
  test.each([
    ["0-3", { start: 0, end: 3 }],
    ["bytes 4-9/10", { start: 4, end: 9 }],
    ["bytes 4-9/*", { start: 4, end: 9 }],
    ["4-3", undefined],
    ["0-", undefined],
    ["-3", undefined],
    ["0-3,5-6", undefined],
    ["bytes=0-3", undefined],
    [`0-${"9".repeat(20)}`, undefined],
    ["", undefined],
  ])("%s", (header, expected) => {
    expect(parseContentRange(header)).toEqual(expected);
  });

  test("reads back what was written, and nothing else is read but digits", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (start, length) => {
        expect(parseContentRange(`${start}-${start + length}`)).toEqual({ start, end: start + length });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const range = parseContentRange(text);
        expect(range === undefined || /[0-9]+-[0-9]+/.test(text)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});
