// What failed in the last `npm test`, from the reports that vitest itself writes: two runs beside each other print
// thousands of lines, and what matters is at the end of them.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Of a message: what went wrong stands first, and the stack after it. */
const shownLines = 20;

function indented(text) {
  const lines = stripVTControlCharacters(text).trimEnd().split("\n");
  return lines.slice(0, shownLines).map((line) => `    ${line}`);
}

function failuresOfFile({ name, message, status, assertionResults }) {
  const file = relative(root, name);
  // A test that passed at a second try has the failure of its first.
  const tried = assertionResults.filter(({ failureMessages }) => failureMessages.length > 0);
  const ofTests = tried.flatMap((result) => [
    `${result.status === "failed" ? "FAIL" : "TWO TRIES"} ${file} > ${result.fullName}`,
    ...result.failureMessages.flatMap(indented),
  ]);
  const hasFailed = assertionResults.some((result) => result.status === "failed");
  return status === "failed" && !hasFailed ? [...ofTests, `FAIL ${file}`, ...indented(message)] : ofTests;
}

/**
 * @param {readonly string[]} reports files as vitest's json reporter writes them
 * @returns {readonly string[]} lines: each test that failed, or passed at a second try alone, and below it why
 */
export function describeFailures(reports) {
  return reports
    .map((report) => JSON.parse(readFileSync(report, "utf8")))
    .flatMap(({ testResults }) => testResults.flatMap(failuresOfFile));
}
