import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { copyIgnoreRules, sourceIgnoreRules, standardIgnoreRules } from "./ignore-rules.ts";

const always = [
  ".git",
  "a/.git",
  "__pycache__",
  "a/__pycache__/b.txt",
  "m.pyc",
  "a/m.pyc",
  ".cache",
  "a/.cache/x",
];
const never = ["git", ".gitignore", ".github", "__pycache__2", "m.pyc.txt", "pyc", ".caches", "a.cache"];

describe("the standard ignores", () => {
  test.each(always)("%s is left out", (path) => expect(standardIgnoreRules.excludes(path, false)).toBe(true));
  test.each(never)("%s is kept", (path) => expect(standardIgnoreRules.excludes(path, false)).toBe(false));
});

describe("rules of the two fields", () => {
  const files = { ".dockerignore": "docker\n!m.pyc", ".gitignore": "git" };

  test("copy: the working directory's .dockerignore, no .gitignore", async () => {
    const rules = await copyIgnoreRules(makeTree(files));
    expect(["docker", "git", "m.pyc", "x"].map((path) => rules.excludes(path, false))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test("sourceRoot: both, and no exception brings a standard ignore back", async () => {
    const rules = await sourceIgnoreRules(makeTree(files));
    expect(["docker", "git", "m.pyc", "x"].map((path) => rules.excludes(path, false))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("a folder that is not there is no fault of the rules", async () => {
    const rules = await sourceIgnoreRules(`${makeTree()}/missing`);
    expect(rules.excludes("x", false)).toBe(false);
  });
});
