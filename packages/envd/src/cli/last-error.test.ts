import { expect, test } from "vitest";
import { lastError } from "./last-error.ts";

test.each([
  [['level=fatal msg=exit error="failed: \\"x\\"\\nmore" version=v1.3.6'], 'failed: "x"\nmore'],
  [['level=fatal msg="it is over"', "level=info msg=bye"], "it is over"],
  [["panic: boom", "goroutine 1"], "goroutine 1"],
  [[], ""],
])("%j", (said, text) => {
  expect(lastError(said)).toBe(text);
});
