import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { type FrozenCase, frozenCases } from "../../test/frozen-cases.ts";
import { materializeCase } from "../../test/materialize-case.ts";
import { fingerprint } from "./fingerprint.ts";
import { resolvePlan } from "./resolve-plan.ts";

const root = mkdtempSync(path.join(tmpdir(), "imagespec-frozen-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function tagOf({ id, ...recorded }: FrozenCase): Promise<string> {
  const { directory, spec } = materializeCase(path.join(root, id), recorded);
  return fingerprint(await resolvePlan(spec, { cwd: directory, hostPlatform: "linux/amd64" }));
}

/**
 * Tags that are out in the world. A difference means that every user's images are built anew: that is what a new
 * recipe number is for, never a side effect.
 */
test("tags stay what they were", async () => {
  const tags: Record<string, string> = {};
  for (const one of frozenCases) tags[one.id] = await tagOf(one);
  await expect(`${JSON.stringify(tags, null, 2)}\n`).toMatchFileSnapshot(
    "../../testdata/fingerprints.frozen.json",
  );
});
