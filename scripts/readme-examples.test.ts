import { describe, expect, test } from "vitest";
import { documents, filesBelow, read } from "./documents.ts";

const examples = filesBelow("examples", /\.(ts|ya?ml)$/).map(read);

const blocks = documents.flatMap((file) =>
  [...read(file).matchAll(/^```(ts|yaml)\n(.*?)^```/gms)].map(([, , text]) => ({ file, text: text! })),
);

/** Every block stands in an example, which is compiled or built, so that no page shows what does not work. */
describe("code in the documentation", () => {
  test("there is some", () => expect(blocks.length).toBeGreaterThan(0));

  test.each(blocks)("$file: $text", ({ text }) => {
    expect(examples.some((example) => example.includes(text))).toBe(true);
  });
});
