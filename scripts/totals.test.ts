import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "imagespec-totals-"));
afterAll(() => rmSync(directory, { recursive: true }));

type Report = Readonly<{
  numTotalTests: number;
  numPassedTests: number;
  numFailedTests: number;
  success: boolean;
  testResults: readonly Readonly<{ status: string; assertionResults: readonly { status: string }[] }>[];
}>;

const testResults = [{ status: "passed", assertionResults: [{ status: "passed" }] }];

function totals(
  ...reports: readonly (Report | undefined)[]
): readonly [exitCode: number | null, line: string] {
  const files = reports.map((report, index) => {
    const file = join(directory, report === undefined ? "missing.json" : `report-${index}.json`);
    if (report !== undefined) writeFileSync(file, JSON.stringify(report));
    return file;
  });
  const script = fileURLToPath(new URL("totals.mjs", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script, ...files], { encoding: "utf8" });
  return [status, stdout.trim()];
}

test("all passed", () => {
  const report = { numTotalTests: 5, numPassedTests: 5, numFailedTests: 0, success: true, testResults };
  expect(totals(report)).toEqual([0, "5 passed, 0 failed"]);
});

test("what did not run is told", () => {
  const report = { numTotalTests: 7, numPassedTests: 5, numFailedTests: 0, success: true, testResults };
  expect(totals(report)).toEqual([0, "5 passed, 0 failed, 2 skipped"]);
});

test("a failure fails", () => {
  const report = { numTotalTests: 5, numPassedTests: 4, numFailedTests: 1, success: false, testResults };
  expect(totals(report)).toEqual([1, "4 passed, 1 failed"]);
});

test("a file that could not be loaded fails, though all its tests passed", () => {
  const broken = [...testResults, { status: "failed", assertionResults: [] }];
  const report = {
    numTotalTests: 5,
    numPassedTests: 5,
    numFailedTests: 0,
    success: false,
    testResults: broken,
  };
  expect(totals(report)).toEqual([1, "5 passed, 1 failed"]);
});

test("nothing run is a failure", () => {
  const report = { numTotalTests: 0, numPassedTests: 0, numFailedTests: 0, success: true, testResults };
  expect(totals(report)).toEqual([1, "0 passed, 0 failed"]);
  expect(totals(undefined)).toEqual([1, "0 passed, 0 failed"]);
});

test("several runs are one, and a failure or a lack of one is all's", () => {
  const good = { numTotalTests: 6, numPassedTests: 5, numFailedTests: 0, success: true, testResults };
  const bad = { numTotalTests: 5, numPassedTests: 4, numFailedTests: 1, success: false, testResults };
  expect(totals(good, good)).toEqual([0, "10 passed, 0 failed, 2 skipped"]);
  expect(totals(good, bad)).toEqual([1, "9 passed, 1 failed, 1 skipped"]);
  expect(totals(good, undefined)).toEqual([1, "5 passed, 0 failed, 1 skipped"]);
});
