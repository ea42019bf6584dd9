import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { dockerignoreRules, parseDockerignore } from "./dockerignore.ts";
import type { IgnoreRules } from "./ignore-rules.ts";

type Recorded = Readonly<{
  file: string;
  refused?: boolean;
  excluded?: readonly string[];
  kept?: readonly string[];
}>;

const vectors = new URL("../../testdata/dockerignore.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(vectors, "utf8")) as { cases: readonly Recorded[] };

function rulesOf(file: string): IgnoreRules {
  return parseDockerignore(file.split("\n"), ".dockerignore");
}

function rulesOnDisk(file: string): IgnoreRules {
  return dockerignoreRules(join(makeTree({ ".dockerignore": file }), ".dockerignore"));
}

function messageOf(file: string): string {
  try {
    rulesOf(file);
  } catch (error) {
    return ImageSpecError.isInstance(error) ? `${error.code} ${error.details.line}: ${error.message}` : "";
  }
  return "";
}

describe(".dockerignore", () => {
  test("there are vectors", () => expect(cases.length).toBeGreaterThan(400));

  test.each(cases.filter(({ refused }) => refused))("moby refuses $file, and so do we", ({ file }) => {
    expect(() => rulesOnDisk(file)).toThrow(expect.objectContaining({ code: "SPEC_IGNORE_PATTERN" }));
  });

  test("moby's answers are ours", () => {
    const different: unknown[] = [];
    for (const { file, excluded = [], kept = [], refused } of cases) {
      if (refused) continue;
      const rules = rulesOnDisk(file);
      const wrong = [
        ...excluded.filter((path) => !rules.excludes(path, false)),
        ...kept.filter((path) => rules.excludes(path, false)),
      ];
      if (wrong.length > 0) different.push({ file, wrong });
    }
    expect(different).toEqual([]);
  });

  test("no file, or a folder in its place: nothing is left out", () => {
    expect(dockerignoreRules(join(makeTree(), ".dockerignore")).excludes("a", false)).toBe(false);
    expect(dockerignoreRules(makeTree()).excludes("a", false)).toBe(false);
  });

  test("a refused line is named with its place", () => {
    expect(messageOf("a\n\n*.[a\n")).toMatchInlineSnapshot(
      `"SPEC_IGNORE_PATTERN 3: "*.[a": it ends too early"`,
    );
    expect(messageOf("!")).toMatchInlineSnapshot(`"SPEC_IGNORE_PATTERN 1: "!": an exception names no path"`);
  });

  test.each([
    ["data", "data", true],
    ["data\n!data/keep", "data", false],
    ["data\n!data/keep", "data/other", true],
    ["data\n!data/keep/x", "data/keep", false],
    ["data\n!*/keep", "data", false],
    ["data\n!**/keep", "data/deep/down", false],
    ["data\n!other/keep", "data", true],
    ["data\n!data", "data", false],
    ["*\n!src", "docs", true],
    ["*\n!src/**/*.py", "src", false],
  ])("%j prunes %s: %s", (file, folder, expected) => {
    expect(rulesOf(file).prunes(folder)).toBe(expected);
  });

  const segment = fc.constantFrom("a", "b", "ab", "*", "**", "?", "[ab]", "a*", "\\a");
  const line = fc
    .tuple(fc.constantFrom("", "!"), fc.array(segment, { minLength: 1, maxLength: 4 }))
    .map(([sign, parts]) => sign + parts.join("/"));
  const path = fc.array(fc.constantFrom("a", "b", "ab", "c"), { minLength: 1, maxLength: 4 });

  test("nothing below a pruned folder is kept", () => {
    let pruned = 0;
    const files = fc.array(line, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(files, path, path, (lines, folder, below) => {
        const rules = rulesOf(lines.join("\n"));
        if (!rules.prunes(folder.join("/"))) return;
        pruned++;
        expect(rules.excludes([...folder, ...below].join("/"), false)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(pruned).toBeGreaterThan(100);
  });
});
