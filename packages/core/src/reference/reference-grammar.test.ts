import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHost } from "./reference-grammar.ts";

const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,4}(?:-{1,2}[a-z0-9]{1,3})?$/),
  fc.stringMatching(/^xn--[a-z0-9]{1,6}$/),
  fc.stringMatching(/^0x[0-9a-f]{0,4}$/),
  fc.nat(999).map(String),
  fc.nat(300).map((byte) => `0${byte}`),
);
const hostname = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => labels.join("."))
  .filter((name) => /^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/.test(name));

function keptByUrl(name: string): boolean {
  return URL.canParse(`https://${name}`) && new URL(`https://${name}`).hostname === name;
}

describe("isHost", () => {
  it("takes exactly the names that URL leaves as they are", () => {
    fc.assert(
      fc.property(hostname, (name) => {
        expect(isHost(name)).toBe(keptByUrl(name));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(["127.0.0.1", "255.255.255.255", "1.2.3.example", "xn--bcher-kva.example", "[::1]", "a0x1"])(
    "takes %s",
    (name) => {
      expect(isHost(name)).toBe(true);
    },
  );

  it.each(["127.1", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "0x7f.1", "a.1", "1", "xn--a", "[::g]", "a.0x"])(
    "refuses %s",
    (name) => {
      expect(isHost(name)).toBe(false);
    },
  );
});
