import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { fakeBuilder } from "../../test/fake-builder.ts";
import { makeTree } from "../../test/make-tree.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import { createEngine } from "../engine/image-engine.ts";
import type { ImageSpec } from "../spec/image-spec.ts";

/** Which files were opened, in order. */
const opened = vi.hoisted(() => [] as string[]);

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const counted = {
    ...real,
    openSync: (...args: Parameters<typeof real.openSync>) => {
      opened.push(String(args[0]));
      return real.openSync(...args);
    },
    readFileSync: (...args: Parameters<typeof real.readFileSync>) => {
      opened.push(String(args[0]));
      return real.readFileSync(...args);
    },
  };
  return { ...counted, default: counted };
});

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  const open: typeof real.open = (...args) => {
    opened.push(String(args[0]));
    return real.open(...args);
  };
  const readFile = (...args: Parameters<typeof real.readFile>): ReturnType<typeof real.readFile> => {
    opened.push(String(args[0]));
    return real.readFile(...args);
  };
  const counted = { ...real, open, readFile };
  return { ...counted, default: counted };
});

const files: Readonly<Record<string, string>> = {
  ".dockerignore": "*.log\n",
  "requirements.txt": "-r base.txt\npandas==2.3.3\n",
  "base.txt": "numpy==2.1.0\n",
  "pyproject.toml": '[project]\nname = "app"\nversion = "1"\n',
  "uv.lock": 'version = 1\n[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\n',
  "src/.gitignore": "*.tmp\n",
  "src/main.py": "import helper\n",
  "src/helper.py": "",
  "src/unused.py": "",
  "data/table.csv": "a,b\n",
};

function tree(): string {
  const folder = makeTree();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const kinds: readonly ImageSpec[] = [
  { requirements: "requirements.txt", copy: ["data", "requirements.txt"] },
  { sourceRoot: "src", sourceCopyMode: "auto", sourceEntry: "main" },
  { requirements: "uv.lock", sourceRoot: "src" },
  { requirements: "pyproject.toml", copy: ["data/table.csv", "src"] },
];

function specs(count: number): ImageSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    ...kinds[index % kinds.length],
    name: `image-${index}`,
    env: { NUMBER: String(index) },
  }));
}

function readsBelow(folder: string): Readonly<Record<string, number>> {
  const names = opened.filter((file) => file.startsWith(folder)).map((file) => path.relative(folder, file));
  const counts: Record<string, number> = {};
  for (const name of names.sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

beforeEach(() => {
  opened.length = 0;
});

describe("files that 200 specs share", () => {
  const engineIn = (cwd: string) => {
    const builders = new BuilderRegistry().register(fakeBuilder({ exists: async () => undefined }));
    return createEngine({ builders, cwd, hostPlatform: "linux/amd64", defaults: { builder: "fake" } });
  };

  test("are read once each, however they are used", async () => {
    const cwd = tree();
    const planned = await engineIn(cwd).plan(specs(200));
    expect(new Set(planned.map(({ image }) => image.fingerprint)).size).toBe(200);
    const once = Object.fromEntries(Object.keys(files).map((name) => [name, 1]));
    expect(readsBelow(cwd)).toEqual(Object.fromEntries(Object.entries(once).sort()));
  });

  test("are read again once they changed", async () => {
    const cwd = tree();
    const engine = engineIn(cwd);
    const [before] = await engine.resolve(specs(1));
    writeFileSync(path.join(cwd, "base.txt"), "numpy==2.2.0\n");
    const [after] = await engine.resolve(specs(1));
    expect(after?.fingerprint).not.toBe(before?.fingerprint);
    expect(readsBelow(cwd)).toMatchObject({ "base.txt": 2, "requirements.txt": 1, "data/table.csv": 1 });
  });

  test("give the tags that they give alone", async () => {
    const cwd = tree();
    const together = await engineIn(cwd).resolve(specs(kinds.length));
    for (const [index, spec] of specs(kinds.length).entries()) {
      const [alone] = await engineIn(cwd).resolve([spec]);
      expect(alone?.fingerprint).toBe(together[index]?.fingerprint);
    }
  });
});
