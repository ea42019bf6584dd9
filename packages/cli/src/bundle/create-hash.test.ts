import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frugalHashFactory } from "./create-hash.ts";

const encodings = fc.constantFrom("hex" as const, "base64" as const, "base64url" as const);
/** Around the budget, so that some of a text's parts are over it. */
const part = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 40_000, size: "max" }));

describe("the command's own sha256", () => {
  test("gives what node:crypto gives, in however many parts and whoever reuses the buffer", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 4 }),
        encodings,
        (texts, encoding) => {
          const create = frugalHashFactory(createHash);
          for (const parts of texts) {
            const [own, theirs] = [create("sha256"), createHash("sha256")];
            for (const data of parts) {
              const given = typeof data === "string" ? data : Uint8Array.from(data);
              own.update(given);
              theirs.update(data);
              if (typeof given !== "string") given.fill(0);
            }
            expect(own.digest(encoding)).toBe(theirs.digest(encoding));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("leaves other algorithms, and whatever is much, to node:crypto", () => {
    const asked: string[] = [];
    const create = frugalHashFactory((algorithm) => {
      asked.push(algorithm);
      return createHash(algorithm);
    });
    create("sha256").update("small").digest();
    expect(asked).toEqual([]);
    create("sha512").update("small").digest();
    create("sha256").update(Buffer.alloc(100_000)).digest();
    create("sha256").update("small").digest();
    expect(asked).toEqual(["sha512", "sha256", "sha256"]);
  });
});
