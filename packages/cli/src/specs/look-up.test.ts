import path from "node:path";
import { Readable } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { loadConfig } from "../config/load-config.ts";
import { loadSources } from "./load-sources.ts";

const texts: Readonly<Record<string, (name: string) => string>> = {
  yaml: (name) => `name: ${name}`,
  yml: (name) => `name: ${name}`,
  json: (name) => `{"name": "${name}"}`,
};
const moduleText = (name: string): string => `export default { name: "${name}" };`;

function textOf(file: string): string {
  return (texts[path.extname(file).slice(1)] ?? moduleText)(file.replace(/\W/g, "-"));
}

async function names(
  sources: readonly string[],
  cwd: string,
  { input = "", config }: Readonly<{ input?: string; config?: string }> = {},
): Promise<readonly unknown[]> {
  const loaded = await loadSources(sources, {
    cwd,
    config: await loadConfig(cwd, config),
    pathsFrom: "cwd",
    stdin: () => Readable.from([Buffer.from(input)]),
  });
  return loaded.map(({ spec, name }) => spec.name ?? name);
}

const order = ["ts", "mts", "js", "mjs", "yaml", "yml", "json"].map((extension) => `image.${extension}`);

test.each(order.map((file, index) => [file, order.slice(index)] as const))(
  "without a source %s is the first of those that come after it",
  async (file, files) => {
    const cwd = temporaryFolder(Object.fromEntries(files.map((one) => [one, textOf(one)])));
    expect(await names([], cwd)).toEqual([file.replace(".", "-")]);
  },
);

const configs = ["ts", "mts", "js", "mjs"].map((extension) => `imagespec.config.${extension}`);
const images = (name: string): string => `export default { images: { ${JSON.stringify(name)}: {} } };`;

test.each(configs.map((file, index) => [file, configs.slice(index)] as const))(
  "%s is the first config of those that come after it, and its images come before image.ts",
  async (file, files) => {
    const contents = Object.fromEntries(files.map((one) => [one, images(one)]));
    const cwd = temporaryFolder({ ...contents, "image.ts": textOf("image.ts") });
    expect(await names([], cwd)).toEqual([file]);
  },
);

test("a config that is named counts, wherever it lies", async () => {
  const cwd = temporaryFolder({ "imagespec.config.mjs": images("here"), "other/my.mjs": images("there") });
  expect(await names([], cwd, { config: "other/my.mjs" })).toEqual(["there"]);
  await expect(names([], cwd, { config: "none.mjs" })).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
});

test("a config without images leaves the project's to image.yaml", async () => {
  const cwd = temporaryFolder({ "imagespec.config.mjs": "export default {};", "image.yaml": "name: a" });
  expect(await names([], cwd)).toEqual(["a"]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ["a file with a key", ["specs.yaml#b"], ["b"]],
  ["one file twice", ["specs.yaml#b", "specs.yaml#a"], ["b", "a"]],
  ["a place of a list", ["list.json#1"], ["second"]],
  ["a key of the config", ["api"], ["api"]],
  ["a key of standard input", ["-#x"], ["x"]],
  ["all of standard input", ["-"], ["x", "y"]],
  ["a module with a key", ["many.mjs#m"], ["m"]],
  ["a file in a folder whose name has a #", ["odd#folder/image.yaml"], ["odd"]],
  ["several of all kinds", ["api", "specs.yaml", "-#y"], ["api", "a", "b", "y"]],
])("%s", async (_, sources, found) => {
  const cwd = temporaryFolder({
    "imagespec.config.mjs": images("api"),
    "specs.yaml": "images: {a: {}, b: {}}",
    "list.json": '{"images": [{"name": "first"}, {"name": "second"}]}',
    "many.mjs": "export default { l: {}, m: {} };",
    "odd#folder/image.yaml": "name: odd",
  });
  expect(await names(sources, cwd, { input: '{"images": {"x": {}, "y": {}}}' })).toEqual(found);
});

test("nothing at all is an error that says how to begin", async () => {
  const error: unknown = await names([], temporaryFolder()).catch((reason: unknown) => reason);
  expect(ImageSpecError.isInstance(error) && [error.code, error.details.hint]).toEqual([
    "SOURCE_NOT_FOUND",
    "make one: imagespec init",
  ]);
});
