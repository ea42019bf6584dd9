import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { sharedSignal } from "./shared-signal.ts";

test("is aborted with any of the others, for their reason", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const shared = sharedSignal(first.signal, undefined, second.signal);
  expect(shared.aborted).toBe(false);
  second.abort(new Error("enough"));
  expect(shared.reason).toEqual(new Error("enough"));
  expect(first.signal.aborted).toBe(false);
});

/** What Node warns of when as many listen to a signal as there may be images at once. */
async function warningsOf(signal: AbortSignal): Promise<readonly string[]> {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  for (let count = 0; count < 20; count += 1) signal.addEventListener("abort", () => undefined);
  await setImmediate();
  return warnings;
}

test("as many as there are images may listen, and nobody aborts none", async () => {
  expect(await warningsOf(new AbortController().signal)).toEqual(["MaxListenersExceededWarning"]);
  expect(await warningsOf(sharedSignal())).toEqual([]);
  expect(sharedSignal(undefined).aborted).toBe(false);
});
