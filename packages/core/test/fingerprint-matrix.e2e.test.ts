import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNode } from "@imagespec/test-services";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frozenCases } from "./frozen-cases.ts";
import { materializeCase, type RecordedCase } from "./materialize-case.ts";

type Pair = Readonly<{ id: string; must: "same" | "different"; a: RecordedCase; b: RecordedCase }>;
type Question = Readonly<{ id: string; directory: string; spec: unknown }>;

const testdata = new URL("../testdata/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, testdata), "utf8");
const { pairs } = JSON.parse(read("same-or-different.json")) as { pairs: readonly Pair[] };
const frozen = JSON.parse(read("fingerprints.frozen.json")) as Record<string, string>;
const script = fileURLToPath(new URL("print-fingerprints.mjs", import.meta.url));

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** Where folders are listed in the order of creation, as tmpfs does in reverse, the order of making is the order read. */
function newRoot(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(path.join(folder, "imagespec-matrix-"));
  roots.push(root);
  return root;
}

function reversedFiles(recorded: RecordedCase): RecordedCase {
  return { ...recorded, files: Object.fromEntries(Object.entries(recorded.files ?? {}).reverse()) };
}

function questions(root: string, change: (one: RecordedCase) => RecordedCase): Question[] {
  const cases = [
    ...pairs.flatMap(({ id, a, b }) => [
      { id: `${id}/a`, ...a },
      { id: `${id}/b`, ...b },
    ]),
    ...frozenCases.map((one) => ({ ...one, id: `frozen/${one.id}` })),
  ];
  return cases.map(({ id, ...recorded }) => ({
    id,
    ...materializeCase(path.join(root, id), change(recorded)),
  }));
}

const releases = ["20.19", "22", "24"];
const locales = ["C", "tr_TR.UTF-8"];
const matrix = releases.flatMap((release) => locales.map((locale) => ({ release, locale })));

describe("tags of the built package", () => {
  let places: Record<string, Question[]>;
  beforeAll(() => {
    places = {
      "made in order": questions(newRoot(tmpdir()), (one) => one),
      "made in reverse, elsewhere": questions(newRoot("/dev/shm"), reversedFiles),
    };
  });

  test.each(matrix)("Node $release, LC_ALL=$locale", async ({ release, locale }) => {
    const node = await ensureNode(release);
    for (const asked of Object.values(places)) {
      const env = { LC_ALL: locale, LANG: locale };
      const { stdout } = await execa(node, [script], { input: JSON.stringify(asked), env });
      const tags = JSON.parse(stdout) as Record<string, string>;
      const verdicts = pairs.map(({ id }) => [
        id,
        tags[`${id}/a`] === tags[`${id}/b`] ? "same" : "different",
      ]);
      expect(Object.fromEntries(verdicts)).toEqual(
        Object.fromEntries(pairs.map(({ id, must }) => [id, must])),
      );
      const found = Object.keys(frozen).map((id) => [id, tags[`frozen/${id}`]]);
      expect(Object.fromEntries(found)).toEqual(frozen);
    }
  });
});
