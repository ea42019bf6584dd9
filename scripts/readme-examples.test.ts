import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file) && !/(^|\/)(node_modules|dist|testdata)\//.test(file))
    .map((file) => path.join(folder, file));
}

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...filesBelow("packages", /README\.md$/),
  ...filesBelow("docs", /\.md$/),
];
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
