import { expect, test } from "vitest";
import { waitUntil } from "./wait-until.ts";

test("gives the first value that is not undefined, falsy ones too", async () => {
  let asked = 0;
  const attempt = (): number | undefined => (++asked < 3 ? undefined : 0);
  expect(await waitUntil(attempt, { what: "a number" })).toBe(0);
});

test("gives up", async () => {
  await expect(
    waitUntil(() => undefined, { what: "godot", timeout: 0 }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`[Error: godot: not ready after 0 ms]`);
});
