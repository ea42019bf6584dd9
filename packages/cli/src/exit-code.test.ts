import { ImageSpecError } from "@imagespec/core";
import { expect, test } from "vitest";
import { answersExitCode, type ExitCode, exitCodeOf, exitCodes, worstExitCode } from "./exit-code.ts";

test("what the shell is told", () => {
  expect(exitCodes).toEqual({ done: 0, failed: 1, invalid: 2, unknown: 3, wouldBuild: 4, interrupted: 130 });
});

test.each<[string, ExitCode]>([
  ["BUILD_FAILED", 1],
  ["PUSH_DENIED", 1],
  ["ENGINE_NOT_FOUND", 1],
  ["BUILDER_UNAVAILABLE", 1],
  ["BASE_IMAGE_NOT_FOUND", 1],
  ["USAGE", 2],
  ["SPEC_UNKNOWN_FIELD", 2],
  ["SPEC_STALE_LOCK", 2],
  ["SOURCE_NOT_FOUND", 2],
  ["CONFIG_INVALID", 2],
  ["REFERENCE_INVALID", 2],
  ["REGISTRY_PREFIX_INVALID", 2],
  ["PLATFORM_INVALID", 2],
  ["BUILDER_NOT_INSTALLED", 2],
  ["BUILDER_LOAD_FAILED", 2],
  ["BUILDER_OPTIONS", 2],
  ["LOCK_MISSING", 2],
  ["LOCK_STALE", 2],
  ["LOCK_INVALID", 2],
  ["HOST_UNSUPPORTED", 2],
  ["EXISTENCE_UNKNOWN", 3],
  ["ABORTED", 130],
])("%s ends with %i", (code, exitCode) => {
  expect(exitCodeOf(new ImageSpecError(code, "x"))).toBe(exitCode);
});

test("what is no error of ours is a failure, a list of faults is a refusal", () => {
  expect(exitCodeOf(new Error("x"))).toBe(1);
  const issues = [{ code: "FOO_BAR", message: "x" }];
  expect(exitCodeOf(new ImageSpecError("FOO_BAR", "x", { issues }))).toBe(2);
});

test.each<[readonly ExitCode[], ExitCode]>([
  [[], 0],
  [[0, 0], 0],
  [[0, 1, 3], 1],
  [[0, 3, 4], 3],
  [[1, 2], 2],
  [[2, 130], 130],
  [[0, 4], 4],
])("of %j the worst is %i", (codes, worst) => {
  expect(worstExitCode(codes)).toBe(worst);
});

test.each<[readonly ExitCode[], ExitCode]>([
  [[0, 0], 0],
  [[0, 1], 1],
  [[0, 3], 3],
  [[1, 3], 3],
])("exists on several: of %j it is %i", (codes, code) => {
  expect(answersExitCode(codes)).toBe(code);
});
