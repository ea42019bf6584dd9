import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadSources } from "../packages/cli/src/specs/load-sources.ts";
import { parseSpecDocument } from "../packages/cli/src/specs/spec-document.ts";
import { parseImageSpec } from "../packages/core/src/index.ts";
import { filesBelow, read } from "./documents.ts";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const files = filesBelow("examples", /\.ya?ml$/);
const pipelines = files.filter((file) => file.startsWith("examples/ci/"));

describe("the specs of the examples", () => {
  test.each(files.filter((file) => !pipelines.includes(file)))("%s is valid", async (file) => {
    const stdin = (): Readable => Readable.from([]);
    const loaded = await loadSources([file], { cwd, config: undefined, pathsFrom: "cwd", stdin });
    expect(loaded.length).toBeGreaterThan(0);
    for (const { spec } of loaded) expect(parseImageSpec(spec)).toEqual(spec);
  });
});

describe("the pipelines of the examples", () => {
  test.each(pipelines)("%s is YAML", (file) => {
    expect(parseSpecDocument(read(file), file)).toBeDefined();
  });
});
