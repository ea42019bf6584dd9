import { ImageSpecError } from "@imagespec/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkJson } from "./check-json.ts";

function faultOf(text: string): string | undefined {
  try {
    checkJson(text, "image.json");
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return `${error.details.line}: ${error.message}`;
  }
  return undefined;
}

test.each([
  ['{"a": 1}', undefined],
  ['{\n"a": 1,\n}', "3: Expected double-quoted property name"],
  ['{\n "a": nul}', '2: Unexpected "}"'],
  ['{\n "a":\n x', '3: Unexpected "x"'],
  ['{\n "a":\n', "3: Unexpected end of the file"],
  ["", "1: Unexpected end of the file"],
  ['{"a": "\n"}', "1: Bad control character in string literal"],
  ['{"a": 1}\n{}', "2: Unexpected non-whitespace character after JSON"],
  ["# comment\n{}", '1: Unexpected "#"'],
])("%j", (text, fault) => expect(faultOf(text)).toBe(fault));

test("whatever a value is cut to, its fault is found on a line of the text", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string(), (json, cut, more) => {
      const text = json.slice(0, cut % (json.length + 1)) + more;
      const fault = faultOf(text);
      const line = Number(fault?.split(":")[0] ?? 1);
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(text.split("\n").length);
    }),
  );
});
