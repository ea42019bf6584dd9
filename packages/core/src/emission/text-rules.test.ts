import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isCarriable, quoteShell } from "./text-rules.ts";

test.each([
  ["a NUL", "a\0b", false],
  ["half of a surrogate pair", "\ud83d", false],
  ["whole pairs, control characters and nothing", "🐳\n\u0001\u0085", true],
  ["nothing", "", true],
])("%s", (_, value, expected) => {
  expect(isCarriable(value)).toBe(expected);
});

test("plain words stay as they are", () => {
  expect(quoteShell("/opt/a_b-c.d:1,2@3%4+5=6")).toBe("/opt/a_b-c.d:1,2@3%4+5=6");
  expect(quoteShell("it's")).toBe("'it'\\''s'");
  expect(quoteShell("")).toBe("''");
});

test("a shell reads back every word, whatever is in it", () => {
  const special = fc.constantFrom("'", '"', "\\", "$", "`", "\n", "!", "*", "~", "#", ";", " ", "é");
  const words = fc.array(
    fc.oneof(
      fc.array(special).map((pieces) => pieces.join("")),
      fc.string({ unit: "binary" }).filter(isCarriable),
    ),
  );
  fc.assert(
    fc.property(words, (values) => {
      const script = `printf '%s\\0' ${values.map(quoteShell).join(" ")}`;
      const printed = execFileSync("sh", ["-c", script]).toString().split("\0").slice(0, -1);
      expect(printed).toEqual(values.length === 0 ? [""] : values);
    }),
    { numRuns: 50 },
  );
});
