import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { differencesDocument } from "../packages/docker/test/support/flytekit/document.ts";

/** Written by `npx vitest run --project unit scripts/flytekit-differences -u`. */
const file = fileURLToPath(new URL("../docs/flytekit-differences.md", import.meta.url));

test("what images are expected to differ in is what the documentation says", () =>
  expect(differencesDocument()).toMatchFileSnapshot(file));
