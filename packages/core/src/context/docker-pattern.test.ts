import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileDockerPattern } from "./docker-pattern.ts";

function matches(pattern: string, path: string): boolean | undefined {
  return compileDockerPattern(pattern)?.matches(path);
}

describe("one line of a .dockerignore", () => {
  test.each([
    ["Readme", "readme", false],
    ["*.TXT", "a.txt", false],
    ["c++", "c++", true],
    ["c++*", "c++11", true],
    ["(a|b)*", "(a|b)c", true],
    ["a|b*", "bc", false],
    ["{a,b}?", "{a,b}c", true],
    ["^a*", "a", false],
    ["[*]", "*", true],
    ["[*]", "a", false],
    ["\\d*", "d1", true],
    ["\\d*", "1", false],
    ["[\\]]x", "]x", true],
    ["[]a]", "]", true],
    ["[a-]", "-", true],
    ["[^a]", "b", true],
    ["[!a]", "!", true],
    ["?", "\u{1F600}", true],
    ["[\u{1F600}-\u{1F602}]", "\u{1F601}", true],
    ["\u00e9", "e\u0301", false],
  ])("%s on %s: %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  test.each(["", "   ", "#a", "\t\u00a0\u0085"])("%j says nothing", (line) => {
    expect(compileDockerPattern(line)).toBeUndefined();
  });

  test("a byte order mark is no blank here, as in Go", () => {
    expect(matches("\ufeffa", "\ufeffa")).toBe(true);
  });

  test.each(["!", "! ", "!/", "./!", "[a", "a\\", "[", "[^]", "[b-a]"])("%j is refused", (line) => {
    expect(() => compileDockerPattern(line)).toThrow(SyntaxError);
  });

  test("what an exception can reach", () => {
    const { exception, literal, isLiteral } = compileDockerPattern("!a/b/*.md")!;
    expect({ exception, literal, isLiteral }).toEqual({
      exception: true,
      literal: ["a", "b"],
      isLiteral: false,
    });
  });

  test("the vectors hold refused lines", () => {
    const file = new URL("../../testdata/dockerignore.json", import.meta.url);
    const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: { refused?: boolean }[] };
    expect(cases.filter(({ refused }) => refused).length).toBeGreaterThan(10);
  });
});
