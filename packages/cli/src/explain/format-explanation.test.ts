import type { TagInput } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import type { Against } from "./against.ts";
import { formatDifferences, formatInputs } from "./format-explanation.ts";

const file = (name: string): TagInput => ({
  name,
  key: name,
  kind: "file",
  digest: `sha256:${"a".repeat(64)}`,
  executable: false,
});
const tree = (files: number): TagInput => ({ name: "src", key: "src/", kind: "tree", digest: "b", files });
const many = (count: number): TagInput[] =>
  Array.from({ length: count }, (_, index) => file(`src/${index}.py`));

const against: Against = {
  kind: "last-build",
  name: "the last build here",
  reference: "app:1",
  fingerprint: "x",
  time: Date.UTC(2026, 0, 2, 3, 4),
  record: { plan: {} },
};

describe("inputs as a table", () => {
  test("each with its digest", () => {
    const inputs: TagInput[] = [
      { name: "baseImage", key: "", kind: "base", digest: null, value: "debian:12" },
      {
        name: "commands",
        key: "",
        kind: "list",
        digest: "sha256:ff",
        values: ["a b", "\u001b[2Jc"],
        ordered: true,
      },
      tree(1),
      { ...file("src/a.py"), executable: true } as TagInput,
      { name: "src/link", key: "", kind: "symlink", digest: null, value: "a.py" },
      { name: "src/empty", key: "", kind: "folder", digest: null },
      { name: "env.LONG", key: "", kind: "value", digest: "c", value: "x".repeat(200) },
    ];
    expect(formatInputs(inputs)).toMatchInlineSnapshot(`
      "INPUT       DIGEST        VALUE
      baseImage   -             debian:12 (by its name)
      commands    sha256:ff     "a b" "\\u001b[2Jc"
      src/        b             1 file
      src/a.py    aaaaaaaaaaaa  executable
      src/link    -             -> a.py
      src/empty/  -             folder
      env.LONG    c             xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      "
    `);
  });

  test("of many files the first ones; what comes after them is told all the same", () => {
    const lines = formatInputs([tree(60), ...many(60), tree(3), ...many(3)]).split("\n");
    expect(lines).toHaveLength(1 + 1 + 40 + 1 + 1 + 3 + 1);
    expect(lines[42]).toMatch(/^… 20 more +--json lists all$/);
  });
});

describe("differences as lines", () => {
  const difference = { name: "src/a.py", change: "changed" as const, detail: "content changed" };

  test("what differs, from what, and when that was built", () => {
    expect(formatDifferences(against, { differences: [difference], isSameTag: false })).toBe(
      "what differs from the last build here (app:1, 2026-01-02 03:04 UTC):\n  src/a.py: content changed\n",
    );
  });

  test("nothing, or nothing that is told", () => {
    expect(formatDifferences(against, { differences: [], isSameTag: true })).toMatch(
      /^nothing differs from /,
    );
    expect(formatDifferences(against, { differences: [], isSameTag: false })).toMatch(
      /^the tag differs from /,
    );
  });

  test("of many the first ones", () => {
    const differences = Array.from({ length: 130 }, () => difference);
    const text = formatDifferences(against, { differences, isSameTag: false });
    expect(text).toMatch(/\n {2}… 30 more: --json lists all\n$/);
  });
});
