import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatCall, insideQuotes, quoteStarlark } from "./quote.ts";

/** Starlark's double-quoted literals, by its specification; throws at what is none. */
function readStarlark(literal: string): string {
  const body = /^"((?:[^"\\\n\r]|\\.)*)"$/s.exec(literal)?.[1];
  if (body === undefined) throw new Error(`no literal: ${literal}`);
  return body.replace(/\\(u[0-9a-f]{4}|["\\nr])|\\./g, (all, escaped: string | undefined) => {
    if (escaped === undefined) throw new Error(`no escape: ${all}`);
    if (escaped.startsWith("u")) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: "\n", r: "\r" }[escaped] ?? escaped;
  });
}

test("every text is one literal on one line, and reads back as it was", () => {
  const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed() && !value.includes("\0"));
  fc.assert(
    fc.property(text, (value) => {
      const literal = quoteStarlark(value);
      expect(literal).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
      expect(readStarlark(literal)).toBe(value);
    }),
  );
});

test("between single quotes all but the quote is itself", () => {
  expect(insideQuotes(`it's "$x" \\`)).toBe(`it'\\''s "$x" \\`);
});

test("a call has each kind of value in Starlark's way", () => {
  const values = { a: 'x"', b: true, c: 3, d: ["y", "z\n"], e: { k: "v" }, f: [] };
  expect(formatCall("f.g", values)).toBe(
    '    f.g(a="x\\"", b=True, c=3, d=["y", "z\\n"], e={"k": "v"}, f=[])',
  );
});
