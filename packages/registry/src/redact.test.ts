import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excerpt, showUrl } from "./redact.ts";

describe("what messages show", () => {
  it.each([
    ["a query", "see https://x.example/a?token=hunter2&b=1 there"],
    ["a user", "at https://me:hunter2@x.example/"],
    ["a bearer token", "Authorization: Bearer hunter2hunter2"],
    ["a password", "Basic aHVudGVyMjpodW50ZXIy and more"],
    ["a JWT", "eyJhbGciOiJub25lIn0.eyJodW50ZXIyIjoxfQ.hunter2"],
    ["a field", '{"access_token":"hunter2","password": "hunter2"}'],
    ["a field that is cut off", '{"token":"hunter2'],
  ])("of a text with %s: not the secret", (_, text) => {
    expect(excerpt(text)).not.toMatch(/hunter2|aHVudGVyMj|eyJodW50/);
  });

  it("one short line, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", maxLength: 5000 }), fc.constant("x?".repeat(50_000))),
        (text) => {
          const shown = excerpt(text);
          expect(shown.length).toBeLessThanOrEqual(300);
          expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        },
      ),
    );
  });

  it("of a URL: neither user nor query", () => {
    expect(showUrl(new URL("https://me:hunter2@x.example/a/b?c=d#e"))).toBe("https://x.example/a/b");
  });
});
