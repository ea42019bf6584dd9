import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorsDocument } from "./generate-errors.mjs";

test("docs/errors.md lists the codes of the sources", () => {
  const file = new URL("../docs/errors.md", import.meta.url);
  expect(readFileSync(file, "utf8"), "run: node scripts/generate-errors.mjs").toBe(errorsDocument());
});
