import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Canonical, encodeCanonical } from "./encode-canonical.ts";

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 70n), max: -(2n ** 60n) }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "s1:a", "l0:", "d0:", "1:", ":"),
);
const { value } = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary", maxLength: 3 }), tie("value"), { maxKeys: 4 }),
  ) as fc.Arbitrary<Canonical>,
}));

function sortKeys(item: Canonical): unknown {
  if (Array.isArray(item)) return item.map(sortKeys);
  if (typeof item === "bigint") return { bigint: String(item) };
  if (typeof item !== "object" || item === null) return Object.is(item, -0) ? 0 : item;
  return Object.entries(item)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => [key, sortKeys(part as Canonical)])
    .concat([["record", true]]);
}

describe("encodeCanonical", () => {
  test("gives two values one text only when they are equal", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const isEqual = JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
        expect(encodeCanonical(a) === encodeCanonical(b)).toBe(isEqual);
      }),
      { numRuns: 3000 },
    );
  });

  test("no two lists of strings run together", () => {
    const strings = fc.array(fc.constantFrom("", "a", "b", "ab", "1:", "s1:a", "\u00e9", "e\u0301"), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(strings, strings, (a, b) => {
        expect(encodeCanonical(a) === encodeCanonical(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 5000 },
    );
  });

  test("the order of keys means nothing, and an absent field is left out", () => {
    expect(encodeCanonical({ b: 1, a: "x", c: undefined })).toBe(encodeCanonical({ a: "x", b: 1 }));
  });

  test("the type is part of the text", () => {
    const texts = ["1", 1, true, ["1"], { 1: "" }, null, 1n].map((one) => encodeCanonical(one as Canonical));
    expect(texts).toMatchInlineSnapshot(`
      [
        "s1:1",
        "i1:1",
        "b1:1",
        "l4:s1:1",
        "d7:s1:1s0:",
        "n0:",
        "i1:1",
      ]
    `);
  });
});
