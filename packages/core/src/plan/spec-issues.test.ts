import { expect, test } from "vitest";
import { specIssues } from "./spec-issues.ts";

test("what the image does not do, though its author may expect it, is a warning", () => {
  const issues = specIssues({ env: { A: "$HOME", B: "5 $" }, runtimePackages: ["flytekit"] }, []);
  expect(issues.map(({ severity, code, field }) => [severity, code, field])).toEqual([
    ["warning", "SPEC_ENV_LITERAL", "env.A"],
    ["warning", "SPEC_RUNTIME_PACKAGES", "runtimePackages"],
  ]);
});

test("what is no requirement is an error", () => {
  expect(specIssues({}, ["numpy>=2", "--pre", "a b"]).map(({ code, message }) => [code, message])).toEqual([
    ["SPEC_NOT_A_REQUIREMENT", '"--pre" is not a requirement as PEP 508 has them'],
    ["SPEC_NOT_A_REQUIREMENT", '"a b" is not a requirement as PEP 508 has them'],
  ]);
});

test("a spec without any of that has none", () => {
  expect(specIssues({ env: { A: "b" } }, ["numpy"])).toEqual([]);
});
