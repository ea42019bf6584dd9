import path from "node:path";
import { Readable } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { loadConfig } from "../config/load-config.ts";
import { type LoadOptions, loadSources } from "./load-sources.ts";

async function load(sources: readonly string[], cwd: string, more: Partial<LoadOptions> = {}) {
  const config = await loadConfig(cwd);
  const stdin = (): Readable => Readable.from([]);
  return loadSources(sources, { cwd, config, pathsFrom: "cwd", stdin, ...more });
}

async function summary(
  sources: readonly string[],
  cwd: string,
  more: Partial<LoadOptions> = {},
): Promise<unknown> {
  const loaded = await load(sources, cwd, more);
  return loaded.map(({ spec, name, place }) => ({ name, spec, file: place.file, path: place.path }));
}

async function faultOf(
  sources: readonly string[],
  cwd: string,
  more: Partial<LoadOptions> = {},
): Promise<string> {
  const error: unknown = await load(sources, cwd, more).catch((reason: unknown) => reason);
  if (!ImageSpecError.isInstance(error)) throw error;
  const { file, line, field, hint } = error.details;
  return `${error.code} ${file}:${line} ${field}: ${error.message} (${hint})`;
}

const yaml = "images:\n  api:\n    packages: [pandas]\n  worker:\n    name: w\n    python_version: 3.10\n";

describe("files", () => {
  test("a document with several specs, all or one", async () => {
    const cwd = temporaryFolder({ "specs.yaml": yaml });
    const api = { name: "api", spec: { packages: ["pandas"] }, file: "specs.yaml", path: "images.api" };
    const worker = {
      name: "worker",
      spec: { name: "w", pythonVersion: "3.10" },
      file: "specs.yaml",
      path: "images.worker",
    };
    expect(await summary(["specs.yaml"], cwd)).toEqual([api, worker]);
    expect(await summary(["specs.yaml#worker", "specs.yaml#api"], cwd)).toEqual([worker, api]);
  });

  test("a list of specs, picked by name or place", async () => {
    const cwd = temporaryFolder({ "specs.json": '\uFEFF{"images": [{"name": "a"}, {"cuda": "12"}]}' });
    expect(await summary(["specs.json#a"], cwd)).toMatchObject([{ spec: { name: "a" }, path: "images[0]" }]);
    expect(await summary(["specs.json#1"], cwd)).toMatchObject([{ spec: { cuda: "12" }, path: "images[1]" }]);
  });

  test("standard input", async () => {
    const stdin = (): Readable => Readable.from([Buffer.from('{"name": '), Buffer.from('"piped"}')]);
    expect(await summary(["-"], temporaryFolder(), { stdin })).toMatchObject([
      { spec: { name: "piped" }, file: "standard input" },
    ]);
  });

  test("paths start at the working directory, or at the spec's folder", async () => {
    const cwd = temporaryFolder({ "deep/image.yaml": "name: a" });
    expect((await load(["deep/image.yaml"], cwd))[0]?.cwd).toBe(cwd);
    expect((await load(["deep/image.yaml"], cwd, { pathsFrom: "spec" }))[0]?.cwd).toBe(
      path.join(cwd, "deep"),
    );
  });
});

describe("modules", () => {
  test.each([
    ["image.ts", "const name: string = 'a';\nexport default { name };"],
    ["image.mts", "enum Name { A = 'a' }\nexport default { name: Name.A as string };"],
    ["image.js", "export default Promise.resolve({ name: 'a' });"],
    ["image.mjs", "export default { name: 'a' };"],
  ])("%s", async (file, text) => {
    const cwd = temporaryFolder({ [file]: text, "package.json": '{"type": "module"}' });
    expect(await summary([file], cwd)).toEqual([{ name: undefined, spec: { name: "a" }, file, path: "" }]);
  });

  test("that import others without an extension", async () => {
    const cwd = temporaryFolder({
      "image.ts": "import { shared } from './shared';\nexport default { api: shared, base: {} };",
      "shared.ts": "export const shared = { packages: ['a'] as const };",
    });
    expect(await summary(["image.ts"], cwd)).toMatchObject([
      { name: "api", spec: { packages: ["a"] }, path: "api" },
      { name: "base", spec: {}, path: "base" },
    ]);
  });

  test.each([
    [
      "export const spec = {};",
      "SOURCE_NO_DEFAULT_EXPORT image.mjs:undefined undefined: the default export is missing (export default defineImage({ … }))",
    ],
    [
      "export default () => ({});",
      "SOURCE_NO_DEFAULT_EXPORT image.mjs:undefined undefined: the default export is a function (export default defineImage({ … }))",
    ],
    [
      "\nthrow new Error('broken');",
      "SOURCE_MODULE_FAILED image.mjs:2 undefined: broken (see where it comes from: run again with --debug)",
    ],
    [
      "export default Promise.reject(new Error('late'));",
      "SOURCE_MODULE_FAILED image.mjs:undefined undefined: late (see where it comes from: run again with --debug)",
    ],
    [
      "import 'no-such-package';",
      expect.stringMatching(
        /^SOURCE_MODULE_FAILED image.mjs:1 undefined: Cannot find package 'no-such-package'/,
      ),
    ],
    [
      "export default {\n  name: 'a',\n  pakages: [],\n};",
      'SPEC_UNKNOWN_FIELD image.mjs:3 pakages: unknown field "pakages" (did you mean packages?)',
    ],
    [
      "export default [{ name: 'a' }, { packages: 'b' }];",
      "SPEC_INVALID image.mjs:1 [1].packages: expected a list (undefined)",
    ],
    [
      "export default 5;",
      "SPEC_INVALID image.mjs:undefined undefined: a spec is a record of fields (undefined)",
    ],
  ])("%j is an error", async (text, fault) => {
    expect(await faultOf(["image.mjs"], temporaryFolder({ "image.mjs": text }))).toEqual(fault);
  });
});

describe("the config", () => {
  const config = "export default { images: { api: { name: 'a' }, worker: { name: 'w' } } };";

  test("holds the project's images, for whoever names none or a key", async () => {
    const cwd = temporaryFolder({ "imagespec.config.mjs": config, "image.yaml": "name: other" });
    expect(await summary([], cwd)).toMatchObject([{ spec: { name: "a" } }, { spec: { name: "w" } }]);
    expect(await summary(["worker"], cwd)).toMatchObject([
      { spec: { name: "w" }, file: "imagespec.config.mjs", path: "images.worker" },
    ]);
    expect(await faultOf(["wroker"], cwd)).toBe(
      'SOURCE_KEY_NOT_FOUND imagespec.config.mjs:undefined undefined: no spec is called "wroker" (did you mean worker?)',
    );
  });

  test("is looked for up to the repository's root, and never above", async () => {
    const root = temporaryFolder({
      "imagespec.config.mjs": "export default { images: { name: 'outside' } };",
      "repository/.git/HEAD": "",
      "repository/deep/er/image.yaml": "name: file",
    });
    const deep = path.join(root, "repository", "deep", "er");
    expect(await summary([], deep)).toMatchObject([{ spec: { name: "file" } }]);
    expect(await summary([], root)).toMatchObject([{ spec: { name: "outside" } }]);
  });
});

describe("what is no source", () => {
  test.each([
    [
      ["gone.yaml"],
      "SOURCE_NOT_FOUND gone.yaml:undefined undefined: there is no such file (name a spec file, or a key of images in imagespec.config.ts)",
    ],
    [
      ["gone.ts"],
      "SOURCE_NOT_FOUND gone.ts:undefined undefined: there is no such file (name a spec file, or a key of images in imagespec.config.ts)",
    ],
    [
      ["folder.yaml"],
      "SOURCE_UNREADABLE folder.yaml:undefined undefined: it cannot be read: it is not a regular file (check its name, and who may read it)",
    ],
    [
      ["latin.yaml"],
      "SPEC_SYNTAX latin.yaml:undefined undefined: it is not text in UTF-8 (save it as UTF-8)",
    ],
    [
      ["huge.yaml"],
      "SOURCE_TOO_LARGE huge.yaml:undefined undefined: it has more than 4 MiB (put long lists into a requirements file)",
    ],
    [
      ["bad.json"],
      'SPEC_SYNTAX bad.json:2 undefined: Unexpected "}" (correct the file: it is not valid JSON (YAML takes comments and trailing commas))',
    ],
    [
      ["typo.yaml"],
      'SPEC_UNKNOWN_FIELD typo.yaml:3 images.api.pakages: unknown field "pakages" (did you mean packages?)',
    ],
    [["type.yaml"], "SPEC_INVALID type.yaml:2 packages: expected a list (undefined)"],
    [
      ["beside.yaml"],
      'SPEC_UNKNOWN_FIELD beside.yaml:2 name: unknown field "name" beside images (fields belong to one of the images; what they share, to defaults in imagespec.config.ts)',
    ],
    [
      ["key"],
      'SOURCE_KEY_NOT_FOUND imagespec.config.ts:undefined undefined: no spec is called "key" (its specs have no names)',
    ],
    [
      ["typo.yaml#ap"],
      'SOURCE_KEY_NOT_FOUND typo.yaml:undefined undefined: no spec is called "ap" (did you mean api?)',
    ],
    [
      [],
      "SOURCE_NOT_FOUND undefined:undefined undefined: no spec was named, and there is neither images in imagespec.config.ts nor a file image.ts or image.yaml (make one: imagespec init)",
    ],
  ])("%j", async (sources, fault) => {
    const cwd = temporaryFolder({
      "folder.yaml/file": "",
      "latin.yaml": Buffer.from("name: caf\xE9", "latin1"),
      "huge.yaml": `# ${"x".repeat(4 * 1024 * 1024)}`,
      "bad.json": '{"name":\n}',
      "typo.yaml": "images:\n  api:\n    pakages: []",
      "type.yaml": "name: a\npackages: pandas",
      "beside.yaml": "images: {a: {}}\nname: b",
    });
    expect(await faultOf(sources, cwd)).toBe(fault);
  });
});
