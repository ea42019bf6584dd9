// `node scripts/totals.mjs [FILE…]` prints the totals of runs of vitest (default: those of the last `npm test`), from the
// reports that vitest itself writes; its exit code is 0 when in each of them tests ran and all passed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `npm test` has the report of each of its runs. */
export const resultsFolder = fileURLToPath(new URL(join("..", ".cache", "test-results"), import.meta.url));

/** A file that could not be loaded, or failed outside of its tests. */
const failedAsFile = ({ status, assertionResults }) =>
  status === "failed" && assertionResults.every((result) => result.status !== "failed");

const none = { passed: 0, failed: 0, skipped: 0, success: false };

/**
 * @typedef {{ passed: number, failed: number, skipped: number, success: boolean }} Totals
 * @returns {Totals} A run without a report, or with nothing run, is no success.
 */
export function readTotals(file) {
  if (!existsSync(file)) return none;
  const report = JSON.parse(readFileSync(file, "utf8"));
  const { numPassedTests: passed, numFailedTests } = report;
  const skipped = report.numTotalTests - passed - numFailedTests;
  const failed = numFailedTests + report.testResults.filter(failedAsFile).length;
  return { passed, failed, skipped, success: report.success === true && failed === 0 && passed > 0 };
}

/** The reports of the last `npm test`. */
export function lastReports() {
  const names = existsSync(resultsFolder) ? readdirSync(resultsFolder) : [];
  return names.filter((name) => name.endsWith(".json")).map((name) => join(resultsFolder, name));
}

function sumOf(totals) {
  if (totals.length === 0) return none;
  return totals.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    success: a.success && b.success,
  }));
}

function describeTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  const totals = sumOf((files.length > 0 ? files : lastReports()).map(readTotals));
  console.log(describeTotals(totals));
  process.exitCode = totals.success ? 0 : 1;
}
