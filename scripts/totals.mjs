// `node scripts/totals.mjs [FILE]` prints the totals of a run of vitest (default: the last), from the report that
// vitest itself writes; its exit code is 0 when tests ran and all passed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const resultsFile = fileURLToPath(new URL(join("..", ".cache", "test-results.json"), import.meta.url));

/** A file that could not be loaded, or failed outside of its tests. */
const failedAsFile = ({ status, assertionResults }) =>
  status === "failed" && assertionResults.every((result) => result.status !== "failed");

/**
 * @typedef {{ passed: number, failed: number, skipped: number, success: boolean }} Totals
 * @returns {Totals} A run without a report, or with nothing run, is no success.
 */
export function readTotals(file = resultsFile) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0, success: false };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const { numPassedTests: passed, numFailedTests } = report;
  const skipped = report.numTotalTests - passed - numFailedTests;
  const failed = numFailedTests + report.testResults.filter(failedAsFile).length;
  return { passed, failed, skipped, success: report.success === true && failed === 0 && passed > 0 };
}

function describeTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const totals = readTotals(process.argv[2]);
  console.log(describeTotals(totals));
  process.exitCode = totals.success ? 0 : 1;
}
