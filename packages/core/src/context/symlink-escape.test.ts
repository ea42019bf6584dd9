import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { leadsOut } from "./symlink-escape.ts";

function check(links: Readonly<Record<string, string>>, path: string): boolean {
  return leadsOut(path, new Map(Object.entries(links)));
}

describe("a symlink leads out of its tree", () => {
  test.each([
    [{ a: "b" }, "a", false],
    [{ a: "." }, "a", false],
    [{ a: "" }, "a", false],
    [{ a: ".." }, "a", true],
    [{ a: "../tree/b" }, "a", true],
    [{ "d/a": ".." }, "d/a", false],
    [{ "d/a": "../.." }, "d/a", true],
    [{ a: "/etc/passwd" }, "a", false],
    [{ a: "/../.." }, "a", false],
    [{ a: "b/../../c", b: "d/e" }, "a", false],
    [{ a: "b/../c", b: "." }, "a", true],
    [{ a: "b/..", b: "/opt" }, "a", false],
    [{ a: "b", b: "../x" }, "a", true],
    [{ a: "a" }, "a", false],
    [{ a: "b", b: "a" }, "a", false],
    [{ a: "missing/../../x" }, "a", true],
    [{ "": "other" }, "", true],
    [{ "": "/other" }, "", false],
  ])("%j: %s: %s", (links, path, expected) => {
    expect(check(links, path)).toBe(expected);
  });

  test("as the kernel would, wherever all of the way is there", () => {
    const folder = fc.constantFrom("a", "b", "a/b", "a/b/c");
    const part = fc.constantFrom("..", ".", "a", "b", "c", "l", "m");
    const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    let asked = 0;
    fc.assert(
      fc.property(folder, target, folder, target, (one, toOne, two, toTwo) => {
        const links = new Map([
          [`${one}/l`, toOne],
          [`${two}/m`, toTwo],
        ]);
        const out = makeTree();
        const root = join(out, "tree");
        mkdirSync(join(root, "a/b/c"), { recursive: true });
        mkdirSync(join(root, "b"));
        for (const [path, to] of links) symlinkSync(to, join(root, path));
        for (const path of links.keys()) {
          const real = realPath(join(root, path));
          if (real === undefined) continue;
          asked++;
          const isInside = real === root || real.startsWith(`${root}/`);
          if (!isInside) expect(leadsOut(path, links)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
    expect(asked).toBeGreaterThan(20);
  });
});

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

test("the property would see an escape", () => {
  const out = makeTree();
  const root = join(out, "tree");
  mkdirSync(root);
  writeFileSync(join(out, "secret"), "");
  symlinkSync("../secret", join(root, "l"));
  expect(dirname(realPath(join(root, "l"))!)).toBe(realpathSync(out));
  expect(check({ l: "../secret" }, "l")).toBe(true);
});
