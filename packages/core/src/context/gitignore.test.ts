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
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", HOME: root },
  });
  return new Set(stdout.toString().split("\0").filter(Boolean));
}

function initRepository(root: string): void {
  execFileSync("git", ["init", "-q"], { cwd: root });
}

const folders = ["a", "b", "a/b", "ab", "a/b/ab"];
const files = ["x", "a/x", "a/b/x", "a/b/ab/x", "ab/.x", "b/a x", "b/*", "ab/X", "a/b/ab/[x]"];

function makeFolders(root: string): void {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const file of files) writeFileSync(join(root, file), "");
}

const atoms = [
  "a",
  "b",
  "x",
  "X",
  "*",
  "**",
  "?",
  "/",
  "!",
  "\\",
  "[ab]",
  "[!a]",
  "[^a]",
  ".",
  " ",
  "#",
  "[x-z]",
];
const line = fc
  .array(fc.constantFrom(...atoms), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""));
const ending = fc.constantFrom("\n", "\r\n");
const ignoreFile = fc
  .tuple(fc.array(line, { maxLength: 4 }), ending)
  .map(([lines, end]) => lines.map((one) => one + end).join(""));

describe(".gitignore", () => {
  test("git's answers are ours, for files in three folders", () => {
    const root = makeTree();
    initRepository(root);
    makeFolders(root);
    const rulesIn = (from: string) => gitignoreRules(join(root, from));
    let ignored = 0;
    fc.assert(
      fc.property(ignoreFile, ignoreFile, ignoreFile, (top, inA, inB) => {
        writeFileSync(join(root, ".gitignore"), top);
        writeFileSync(join(root, "a/.gitignore"), inA);
        writeFileSync(join(root, "a/b/.gitignore"), inB);
        const rules = rulesIn("");
        const ours = [
          ...folders.filter((path) => rules.excludes(path, true)),
          ...files.filter((path) => rules.excludes(path, false)),
        ];
        const gits = ignoredByGit(root, [...folders, ...files]);
        expect(new Set(ours)).toEqual(gits);
        ignored += gits.size;
        const below = rulesIn("a/b");
        expect(below.excludes("x", false)).toBe(gits.has("a/b/x"));
        expect(below.excludes("ab", true)).toBe(gits.has("a/b/ab"));
      }),
      { numRuns: 100 },
    );
    expect(ignored).toBeGreaterThan(100);
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
