import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { resolveImage, resolvePlan } from "../plan/resolve-plan.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { comparePlans } from "./compare-plans.ts";
import { parsePlanLabel, parsePlanRecord } from "./parse-plan.ts";
import { type PlanRecord, recordImage, recordPlan } from "./plan-record.ts";
import { tagInputs } from "./tag-inputs.ts";

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

async function record(spec: ImageSpec, cwd: string): Promise<PlanRecord> {
  return recordPlan(await resolvePlan({ platform: "linux/amd64", ...spec }, { cwd }));
}

/** As an image's label has it: without names of the working directory. */
const label = ({ plan }: PlanRecord): PlanRecord => parsePlanLabel(JSON.stringify(plan));
const kept = (one: PlanRecord): PlanRecord => parsePlanRecord(JSON.parse(JSON.stringify(one)));

function words(before: PlanRecord, after: PlanRecord): string[] {
  return comparePlans(before, after).map(({ name, detail }) => `${name}: ${detail}`);
}

async function specWords(before: ImageSpec, after: ImageSpec, files: Files = {}): Promise<string[]> {
  const cwd = makeTree();
  write(cwd, files);
  return words(await record(before, cwd), await record(after, cwd));
}

async function fileWords(spec: ImageSpec, files: Files, change: (cwd: string) => void): Promise<string[]> {
  const cwd = makeTree();
  write(cwd, files);
  const before = await record(spec, cwd);
  change(cwd);
  const after = await record(spec, cwd);
  const told = words(before, after);
  expect(words(label(before), after)).toEqual(told);
  expect(words(kept(before), kept(after))).toEqual(told);
  return told;
}

describe("what differs by field", () => {
  test.each<[ImageSpec, ImageSpec, readonly string[]]>([
    [{}, { env: { A: "1" } }, ["env.A: added"]],
    [{ env: { A: "1", B: "x" } }, { env: { A: "2" } }, ["env.A: 1 → 2", "env.B: removed"]],
    [{ env: { API_TOKEN: "one" } }, { env: { API_TOKEN: "two" } }, ["env.API_TOKEN: changed"]],
    [
      { packages: ["pandas==2.2.0", "numpy"] },
      { packages: ["Pandas==2.3.3", "numpy>=2", "polars"] },
      ["packages: numpy any version → >=2", "packages: Pandas 2.2.0 → 2.3.3", "packages: polars added"],
    ],
    [
      { aptPackages: ["git"] },
      { aptPackages: ["curl"] },
      ["aptPackages: curl added", "aptPackages: git removed"],
    ],
    [
      { pythonVersion: "3.11" },
      { pythonVersion: "3.12" },
      [
        "baseImage: docker.io/library/python:3.11-slim-bookworm → docker.io/library/python:3.12-slim-bookworm",
        "pythonVersion: 3.11 → 3.12",
      ],
    ],
    [{}, { platform: "linux/arm64" }, ['platform: "linux/amd64" removed', 'platform: "linux/arm64" added']],
    [{ commands: ["a", "b"] }, { commands: ["b", "a"] }, ["commands: order changed"]],
    [{ commands: ["a", "b"] }, { commands: ["a", "c"] }, ['commands[1]: "b" → "c"']],
    [{ commands: ["a"] }, { commands: ["a", "b"] }, ['commands: "b" added']],
    [{ entrypoint: ["a"] }, { entrypoint: [] }, ['entrypoint: ["a"] → []']],
    [{}, { workDirectory: "/app" }, ["workDirectory: /root → /app"]],
    [{ labels: { a: "1" } }, { labels: { a: "2" } }, ["labels.a: 1 → 2"]],
    [
      { builder: "docker", builderOptions: { docker: { uvImage: "a" } } },
      { builder: "docker", builderOptions: { docker: { uvImage: "b" } } },
      ["builderOptions.docker.uvImage: a → b"],
    ],
    [
      { pipIndex: "https://user:hunter2@a.example/simple" },
      { pipIndex: "https://b.example/simple" },
      ["pipIndex: https://a.example/simple → https://b.example/simple"],
    ],
    [
      { baseImage: { packages: ["six==1.16.0"] } },
      { baseImage: { packages: ["six==1.17.0"] } },
      ["baseImage.packages: six 1.16.0 → 1.17.0"],
    ],
    [
      { baseImage: { name: "b" } },
      { baseImage: "debian:12" },
      ["baseImage: a spec → docker.io/library/debian:12"],
    ],
    [{ name: "a", registry: "ghcr.io/a" }, { name: "b" }, []],
  ])("%j, %j", async (before, after, expected) => {
    expect(await specWords(before, after)).toEqual(expected);
  });
});

describe("what differs by file", () => {
  const files = {
    "requirements.txt": "-r base.txt\npandas==2.2.0\n",
    "base.txt": "numpy==2.1.0 --hash=sha256:aa\n",
    "src/a.py": "a",
    "src/b.py": "b",
    "src/c.py": "c",
  };
  const spec: ImageSpec = { requirements: "requirements.txt", sourceRoot: "src" };

  test("of requirements and sources", async () => {
    const told = await fileWords(spec, files, (cwd) => {
      write(cwd, {
        "requirements.txt": "pandas==2.3.3\n-r base.txt\n",
        "base.txt": "numpy==2.1.0 --hash=sha256:bb\nscipy\n",
        "src/b.py": "changed",
        "src/new/d.py": "",
      });
      chmodSync(path.join(cwd, "src/a.py"), 0o755);
      rmSync(path.join(cwd, "src/c.py"));
    });
    expect(told).toEqual([
      "requirements.txt: pandas 2.2.0 → 2.3.3",
      "base.txt: numpy: other hashes",
      "base.txt: scipy added",
      "src/a.py: made executable",
      "src/b.py: content changed",
      "src/new/d.py: added",
      "src/c.py: removed",
    ]);
  });

  test("of kinds, links and folders", async () => {
    const told = await fileWords({ copy: ["data"] }, { "data/a": "", "data/b": "" }, (cwd) => {
      rmSync(path.join(cwd, "data/a"));
      symlinkSync("b", path.join(cwd, "data/a"));
      mkdirSync(path.join(cwd, "data/empty"));
    });
    expect(told).toEqual(["data/a: was a file, is a symlink", "data/empty: added"]);
  });

  test("of locks, whose comments do not count", async () => {
    const project = { "pyproject.toml": '[project]\nname = "a"\n', "uv.lock": "version = 1\n" };
    const change = (text: string) => (cwd: string) => write(cwd, { "uv.lock": text });
    expect(await fileWords({ requirements: "uv.lock" }, project, change("# x\nversion = 1"))).toEqual([]);
    expect(await fileWords({ requirements: "uv.lock" }, project, change("version = 2"))).toEqual([
      "uv.lock: content changed",
    ]);
  });

  test("of locks by their packages, where both sides know them", async () => {
    const lock = (version: string): string =>
      `version = 1\n[[package]]\nname = "pandas"\nversion = "${version}"\n[[package]]\nname = "six"\nversion = "1"\n`;
    const cwd = makeTree();
    write(cwd, { "pyproject.toml": '[project]\nname = "a"\n', "uv.lock": lock("2.2.0") });
    const resolve = () => resolveImage({ requirements: "uv.lock", platform: "linux/amd64" }, { cwd });
    const before = await recordImage(await resolve());
    write(cwd, { "uv.lock": lock("2.3.3") });
    const after = await recordImage(await resolve());
    expect(words(kept(before), kept(after))).toEqual(["uv.lock: pandas 2.2.0 → 2.3.3"]);
    expect(words(label(before), after)).toEqual(["uv.lock: content changed"]);
    write(cwd, { "uv.lock": `${lock("2.3.3")}[[package]]\nname = "new"\n` });
    expect(words(after, await recordImage(await resolve()))).toEqual(["uv.lock: new added"]);
  });

  test("an include that is new does not make another of what follows", async () => {
    const cwd = makeTree();
    write(cwd, { "requirements.txt": "-r b.txt\n", "a.txt": "six", "b.txt": "numpy" });
    const before = await record({ requirements: "requirements.txt" }, cwd);
    write(cwd, { "requirements.txt": "-r a.txt\n-r b.txt\n" });
    const after = await record({ requirements: "requirements.txt" }, cwd);
    expect(words(before, after)).toEqual(["requirements.txt: -r a.txt added", "a.txt: added"]);
  });

  test("a tree of which only the digest is known is told as such", async () => {
    const cwd = makeTree();
    write(cwd, files);
    const before = await record(spec, cwd);
    const short = JSON.stringify(before.plan, (_, value) =>
      value?.target && value.files ? { target: value.target, digest: treeDigest(before) } : value,
    );
    expect(words(parsePlanLabel(short), before)).toEqual([]);
    write(cwd, { "src/a.py": "other" });
    expect(words(parsePlanLabel(short), await record(spec, cwd))).toEqual([
      "src: files differ; which, cannot be told: of one side only their digest is known",
    ]);
  });
});

function treeDigest(one: PlanRecord): string | null {
  return tagInputs(one).find(({ kind }) => kind === "tree")!.digest;
}
