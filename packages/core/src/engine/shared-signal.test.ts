import { getMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { sharedSignal } from "./shared-signal.ts";

test("is aborted with any of the others, for their reason", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const shared = sharedSignal(first.signal, undefined, second.signal);
  expect(shared.aborted).toBe(false);
  second.abort(new Error("enough"));
  expect(shared.reason).toEqual(new Error("enough"));
  expect(first.signal.aborted).toBe(false);
});

test("as many as there are images may listen, and nobody aborts none", () => {
  expect(getMaxListeners(sharedSignal())).toBe(0);
  expect(sharedSignal(undefined).aborted).toBe(false);
});
