import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { gitignoreRules } from "./gitignore.ts";

/** What git itself, without an index and anyone's settings, leaves out. */
function ignoredByGit(root: string, paths: readonly string[]): ReadonlySet<string> {
  const settings = ["-c", "core.excludesFile=/dev/null", "-c", "core.ignoreCase=false"];
  const { stdout } = spawnSync("git", [...settings, "check-ignore", "--no-index", "-z", "--stdin"], {
    cwd: root,
    input: paths.join("\0"),
    maxBuffer: 1 << 28,
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", HOME: root },
  });
  return new Set(stdout.toString().split("\0").filter(Boolean));
}

function initRepository(root: string): void {
  execFileSync("git", ["init", "-q"], { cwd: root });
}

const folders = ["a", "b", "a/b", "ab", "a/b/ab"];
const files = [
  "x",
  "a/x",
  "a/b/x",
  "a/b/ab/x",
  "ab/.x",
  "b/a x",
  "b/*",
  "ab/X",
  "a/b/ab/[x]",
  "é",
  "a/éx",
  "b/]",
];

type IgnoreFiles = Readonly<{ top: string; inA: string; inB: string }>;

function makeCase(root: string, { top, inA, inB }: IgnoreFiles): void {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const file of files) writeFileSync(join(root, file), "");
  writeFileSync(join(root, ".gitignore"), top);
  writeFileSync(join(root, "a/.gitignore"), inA);
  writeFileSync(join(root, "a/b/.gitignore"), inB);
}

const atom = fc.constantFrom(
  "a",
  "b",
  "x",
  "X",
  "*",
  "?",
  "[ab]",
  "[!a]",
  "[^a]",
  ".",
  " ",
  "#",
  "[x-z]",
  "\\*",
  "\\#",
  "+",
);
const name = fc.array(atom, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));
const segments = fc.array(fc.oneof({ weight: 3, arbitrary: name }, fc.constant("**")), {
  minLength: 1,
  maxLength: 3,
});
const line = fc
  .tuple(fc.constantFrom("", "", "!"), fc.constantFrom("", "", "/"), segments, fc.constantFrom("", "", "/"))
  .map(([sign, anchor, parts, end]) => sign + anchor + parts.join("/") + end)
  // gitignore(5): "Other consecutive asterisks are considered regular asterisks", but some releases of git take them for folders.
  .filter((one) => !/[^/!]\*\*|\*\*[^/]/.test(one));
const ignoreFile = fc
  .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom("\n", "\r\n"))
  .map(([lines, end]) => lines.map((one) => one + end).join(""));

describe(".gitignore", () => {
  test("git's answers are ours, for files in three folders", () => {
    const cases = fc.sample(fc.record({ top: ignoreFile, inA: ignoreFile, inB: ignoreFile }), 120);
    const root = makeTree();
    initRepository(root);
    cases.forEach((one, i) => {
      makeCase(join(root, `case-${i}`), one);
    });
    const rules = gitignoreRules(root);
    const asked = cases.flatMap((_, i) => [...folders, ...files].map((path) => `case-${i}/${path}`));
    const gits = ignoredByGit(root, asked);
    const isFolder = (path: string) => folders.includes(path.slice(path.indexOf("/") + 1));
    const different = asked
      .filter((path) => rules.excludes(path, isFolder(path)) !== gits.has(path))
      .map((path) => ({ path, ignored: gits.has(path), ...cases[Number(/\d+/.exec(path)![0])] }));
    expect(different).toEqual([]);
    expect(gits.size).toBeGreaterThan(150);
  });

  test("a deeper file decides, but not below a folder that is left out", () => {
    const root = makeTree({
      ".gitignore": "*.log\nout/\n",
      "a/.gitignore": "!keep.log",
      "out/.gitignore": "!x",
    });
    initRepository(root);
    const rules = gitignoreRules(root);
    expect(rules.excludes("a/keep.log", false)).toBe(false);
    expect(rules.excludes("a/other.log", false)).toBe(true);
    expect(rules.excludes("out/x", false)).toBe(true);
    expect(rules.prunes("out")).toBe(true);
    expect(rules.excludes("out", false)).toBe(false);
  });

  test("files above count up to the root of the repository, which may be a worktree's", () => {
    const root = makeTree({ ".gitignore": "a", "repository/.gitignore": "b", "repository/src/c": "" });
    writeFileSync(join(root, "repository/.git"), "gitdir: elsewhere\n");
    const rules = gitignoreRules(join(root, "repository/src"));
    expect(rules.excludes("a", false)).toBe(false);
    expect(rules.excludes("b", false)).toBe(true);
  });

  test("outside of a repository the files from the folder down count", () => {
    const root = makeTree({ ".gitignore": "a", "src/.gitignore": "b", "src/c/.gitignore": "d" });
    const rules = gitignoreRules(join(root, "src"));
    expect(["a", "b", "c/d", "d"].map((path) => rules.excludes(path, false))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("neither the index nor info/exclude counts", () => {
    const root = makeTree({ ".gitignore": "tracked", tracked: "" });
    initRepository(root);
    execFileSync("git", ["add", "-f", "tracked"], { cwd: root });
    writeFileSync(join(root, ".git/info/exclude"), "other\n");
    const rules = gitignoreRules(root);
    expect(rules.excludes("tracked", false)).toBe(true);
    expect(rules.excludes("other", false)).toBe(false);
  });

  test("a symlink in the place of the file is not read, as in git", () => {
    const root = makeTree({ list: "a" });
    initRepository(root);
    symlinkSync("list", join(root, ".gitignore"));
    expect(gitignoreRules(root).excludes("a", false)).toBe(false);
  });

  test("a folder that is a symlink belongs to the repository that it leads to", () => {
    const root = makeTree({ "repository/.gitignore": "a", "repository/src/x": "" });
    initRepository(join(root, "repository"));
    symlinkSync("repository/src", join(root, "link"));
    expect(gitignoreRules(join(root, "link")).excludes("a", false)).toBe(true);
  });

  test("where a repository lies does not count", () => {
    const root = makeTree({ "one/.gitignore": "a" });
    initRepository(join(root, "one"));
    renameSync(join(root, "one"), join(root, "two"));
    expect(gitignoreRules(join(root, "two")).excludes("a", false)).toBe(true);
  });
});
