import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { materializeCase, type RecordedCase } from "../../test/materialize-case.ts";
import { fingerprint } from "./fingerprint.ts";
import { resolvePlan } from "./resolve-plan.ts";

type Pair = Readonly<{
  id: string;
  must: "same" | "different";
  why: string;
  a: RecordedCase;
  b: RecordedCase;
}>;

const file = new URL("../../testdata/same-or-different.json", import.meta.url);
const { pairs } = JSON.parse(readFileSync(file, "utf8")) as { pairs: readonly Pair[] };
const root = mkdtempSync(path.join(tmpdir(), "imagespec-pairs-"));

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function tagOf(id: string, recorded: RecordedCase): Promise<string> {
  const { directory, spec } = materializeCase(path.join(root, id), recorded);
  return fingerprint(await resolvePlan(spec, { cwd: directory }));
}

describe("pairs of specs with a known answer", () => {
  test("there are pairs", () => expect(pairs.length).toBeGreaterThan(70));

  test.each(pairs)("$id: $must", async ({ id, must, a, b }) => {
    const [first, second] = [await tagOf(`${id}/a`, a), await tagOf(`${id}/b`, b)];
    if (must === "same") expect(second).toBe(first);
    else expect(second).not.toBe(first);
  });
});
