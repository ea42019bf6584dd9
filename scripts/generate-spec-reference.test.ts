import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { specDocument } from "./generate-spec-reference.mjs";

test("docs/spec.md has the fields as they are; node scripts/generate-spec-reference.mjs writes them", async () => {
  const page = readFileSync(new URL("../docs/spec.md", import.meta.url), "utf8");
  expect(await specDocument()).toBe(page);
});
