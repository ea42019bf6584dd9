import { createEngine } from "@imagespec/core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { buildSettings } from "./commands/build-settings.ts";
import type { BuildFlags } from "./options/flags.ts";
import { processSurroundings } from "./output/surroundings.ts";
import { openProject, type Project } from "./project.ts";
import { namedSpec } from "./project-specs.ts";

const config = `export default { defaults: { registry: "config.example", builder: "envd" }, pathsFrom: "spec" };`;

type Given = Readonly<{
  flags?: BuildFlags;
  environment?: NodeJS.ProcessEnv;
  files?: Record<string, string>;
}>;

async function open({ flags = {}, environment = {}, files = {} }: Given): Promise<Project> {
  return openProject({ cwd: temporaryFolder(files), ...flags }, { ...processSurroundings(), environment });
}

async function destinationOf(given: Given, spec: object = {}): Promise<readonly (string | undefined)[]> {
  const project = await open(given);
  const { builders, defaults, cwd } = project;
  const place = { file: "image.yaml", path: "", lineOf: () => undefined };
  const named = namedSpec({ spec, name: undefined, cwd, place }, project);
  const [image] = await createEngine({ builders, defaults, cwd }).resolve([named]);
  return [image?.plan.destination.registry, image?.plan.builder];
}

const files = { "imagespec.config.mjs": config };
const flyte = { FLYTE_IMAGE_REGISTRY: "flyte.example", FLYTE_IMAGE_BUILDER: "remote" };
const flags = { registry: "flag.example", builder: "docker" };
const spec = { registry: "spec.example", builder: "noop" };

/** Flag, spec, flyte's names, config: each counts before those behind it. */
test.each<[string, Given, object, readonly (string | undefined)[]]>([
  ["a flag", { flags, environment: flyte, files }, spec, ["flag.example", "docker"]],
  ["the spec", { environment: flyte, files }, spec, ["spec.example", "noop"]],
  ["flyte's variables", { environment: flyte, files }, {}, ["flyte.example", "union"]],
  ["the config", { files }, {}, ["config.example", "envd"]],
  ["nothing", {}, {}, [undefined, undefined]],
  ["flyte's local builder", { environment: { FLYTE_IMAGE_BUILDER: "local" } }, {}, [undefined, "docker"]],
  ["a flag in flyte's words", { flags: { builder: "local" } }, spec, ["spec.example", "docker"]],
])("registry and builder by %s", async (_, given, own, destination) => {
  expect(await destinationOf(given, own)).toEqual(destination);
});

test.each<[string, Given, Project["pathsFrom"]]>([
  ["a flag", { flags: { pathsFrom: "cwd" }, files }, "cwd"],
  ["the config", { files }, "spec"],
  ["nothing", {}, "cwd"],
])("what paths start from, by %s", async (_, given, pathsFrom) => {
  expect((await open(given)).pathsFrom).toBe(pathsFrom);
});

const forced = {
  FLYTE_FORCE_PUSH_IMAGE_SPEC: "1",
  FLYTE_PUSH_IMAGE_SPEC: "no",
  FLYTE_IMG_FAST_FAIL: "false",
};

test.each<[string, BuildFlags, NodeJS.ProcessEnv, object]>([
  ["nothing", {}, {}, { push: true, force: false, ifUnknown: "error" }],
  ["flyte's variables", {}, forced, { push: false, force: true, ifUnknown: "error" }],
  [
    "flags",
    { push: true, force: false, ifUnknown: "build" },
    { ...forced, FLYTE_IMG_FAST_FAIL: "true" },
    { push: true, force: false, ifUnknown: "build" },
  ],
])("how it is built, by %s", async (_, given, environment, settings) => {
  expect(buildSettings(given, await open({ environment }))).toMatchObject(settings);
});

test("the lock lies beside the config, else in the working directory", async () => {
  const cwd = temporaryFolder({
    "imagespec.config.mjs": "export default {};",
    "below/.keep": "",
    ".git/HEAD": "",
  });
  const project = await open({ flags: { cwd: `${cwd}/below` } });
  expect(project.lockPlace).toEqual({ place: `${cwd}/imagespec.lock.json`, file: "../imagespec.lock.json" });
  const alone = await open({});
  expect(alone.lockPlace).toEqual({ place: `${alone.cwd}/imagespec.lock.json`, file: "imagespec.lock.json" });
});

test("a working directory that is none", async () => {
  await expect(open({ flags: { cwd: "/none/at/all" } })).rejects.toMatchObject({
    code: "USAGE",
    details: { hint: "mkdir -p /none/at/all" },
  });
});
