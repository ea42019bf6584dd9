import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { describeFailures } from "./failures.mjs";

const directory = mkdtempSync(join(tmpdir(), "imagespec-failures-"));
afterAll(() => rmSync(directory, { recursive: true }));

const root = fileURLToPath(new URL("..", import.meta.url));

function describe(testResults: readonly object[]): readonly string[] {
  const report = join(directory, "report.json");
  writeFileSync(report, JSON.stringify({ testResults }));
  return describeFailures([report]);
}

test("a test that failed, or only did not the second time, stands with its file, its name and why, without colours and long stacks", () => {
  const failureMessages = [`\u001B[31mAssertionError\u001B[39m: no\n${"at somewhere\n".repeat(40)}`];
  const lines = describe([
    {
      name: join(root, "packages", "core", "a.test.ts"),
      status: "failed",
      message: "",
      assertionResults: [
        { status: "passed", fullName: "a good one", failureMessages: [] },
        { status: "passed", fullName: "a late one", failureMessages: ["Error: first"] },
        { status: "failed", fullName: "a bad one", failureMessages },
      ],
    },
  ]);
  expect(lines.slice(0, 5)).toEqual([
    "TWO TRIES packages/core/a.test.ts > a late one",
    "    Error: first",
    "FAIL packages/core/a.test.ts > a bad one",
    "    AssertionError: no",
    "    at somewhere",
  ]);
  expect(lines).toHaveLength(23);
});

test("so does a file that could not be loaded", () => {
  const file = {
    name: join(root, "b.test.ts"),
    status: "failed",
    message: "SyntaxError",
    assertionResults: [],
  };
  expect(describe([file])).toEqual(["FAIL b.test.ts", "    SyntaxError"]);
});

test("nothing is said of what passed", () => {
  const assertionResults = [{ status: "passed", fullName: "good", failureMessages: [] }];
  expect(describe([{ name: "c", status: "passed", message: "", assertionResults }])).toEqual([]);
});
