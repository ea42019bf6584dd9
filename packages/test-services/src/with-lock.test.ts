import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withLock } from "./with-lock.ts";

test("what is done under one lock is done one after the other, also after a failure", async () => {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-lock-"));
  const file = join(folder, "lock");
  let inside = 0;
  const work = async (fails: boolean): Promise<number> => {
    inside += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (fails) inside -= 1;
    if (fails) throw new Error("failed");
    return inside--;
  };
  const all = [false, true, false].map((fails) => withLock(file, () => work(fails)));
  const results = await Promise.allSettled(all);
  expect(results.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    1,
    "failed",
    1,
  ]);
  await rm(folder, { recursive: true });
});
