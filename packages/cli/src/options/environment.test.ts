import { describe, expect, test } from "vitest";
import { commandNames, createProgram } from "../program.ts";
import { applyEnvironment, flyteSettings } from "./environment.ts";

async function optionsOf(
  line: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  let found = {};
  const program = createProgram(line, async (_, __, command) => {
    applyEnvironment(command, environment);
    found = command.opts();
  });
  await program.parseAsync(line, { from: "user" });
  return found;
}

const secret = { id: { variable: "TOKEN" } };

/** Every option of the command with its variable, a value as text, and what the command is given. */
const variables: readonly (readonly [
  command: string,
  variable: string,
  text: string,
  option: string,
  value: unknown,
])[] = [
  ["tag", "IMAGESPEC_CWD", "below", "cwd", "below"],
  ["tag", "IMAGESPEC_CONFIG", "my.config.ts", "config", "my.config.ts"],
  ["tag", "IMAGESPEC_PATHS_FROM", "spec", "pathsFrom", "spec"],
  ["tag", "IMAGESPEC_BUILDER", "envd", "builder", "envd"],
  ["tag", "IMAGESPEC_REGISTRY", "ghcr.io/org", "registry", "ghcr.io/org"],
  ["tag", "IMAGESPEC_PLATFORM", "linux/arm64", "platform", "linux/arm64"],
  ["tag", "IMAGESPEC_JSON", "1", "json", true],
  ["tag", "IMAGESPEC_DEBUG", "yes", "debug", true],
  ["tag", "IMAGESPEC_LOCKED", "true", "locked", true],
  ["build", "IMAGESPEC_PUSH", "off", "push", false],
  ["build", "IMAGESPEC_NO_PUSH", "true", "push", false],
  ["build", "IMAGESPEC_NO_PUSH", "false", "push", true],
  ["build", "IMAGESPEC_FORCE", "on", "force", true],
  ["build", "IMAGESPEC_CONCURRENCY", "8", "concurrency", 8],
  ["build", "IMAGESPEC_KEEP_GOING", "TRUE", "keepGoing", true],
  ["build", "IMAGESPEC_IF_UNKNOWN", "skip", "ifUnknown", "skip"],
  ["build", "IMAGESPEC_METADATA_FILE", "m.json", "metadataFile", "m.json"],
  ["build", "IMAGESPEC_PROGRESS", "json", "progress", "json"],
  ["build", "IMAGESPEC_SECRET", "id=id,env=TOKEN", "secret", secret],
  ["plan", "IMAGESPEC_EXIT_CODE", "1", "exitCode", true],
  ["emit", "IMAGESPEC_FORMAT", "envd", "format", "envd"],
  ["emit", "IMAGESPEC_OUT", "folder", "out", "folder"],
  ["explain", "IMAGESPEC_AGAINST", "image.yaml", "against", "image.yaml"],
  ["lock", "IMAGESPEC_CHECK", "1", "check", true],
  ["lock", "IMAGESPEC_DRIFT", "1", "drift", true],
  ["init", "IMAGESPEC_YAML", "1", "yaml", true],
];

test.each(variables)("%s: %s=%s", async (command, variable, text, option, value) => {
  expect(await optionsOf([command], { [variable]: text })).toEqual({ [option]: value });
});

test("every option has been tried", () => {
  const program = createProgram(commandNames, async () => {});
  const known = program.commands.flatMap(({ options }) => options.map((option) => option.name()));
  const tried = variables.map(([, name]) =>
    name.replace("IMAGESPEC_", "").toLowerCase().replaceAll("_", "-"),
  );
  expect(new Set(tried)).toEqual(new Set(known));
});

describe("a flag counts before its variable", () => {
  test.each([
    [["build", "--registry", "a.example"], { IMAGESPEC_REGISTRY: "b.example" }, { registry: "a.example" }],
    [["build", "--push"], { IMAGESPEC_NO_PUSH: "1" }, { push: true }],
    [["build", "--no-push"], { IMAGESPEC_PUSH: "1" }, { push: false }],
    [["build"], { IMAGESPEC_PUSH: "1", IMAGESPEC_NO_PUSH: "1" }, { push: true }],
    [["build", "--secret", "id=id,env=TOKEN"], { IMAGESPEC_SECRET: "id=x,env=X" }, { secret }],
    [["build"], { IMAGESPEC_REGISTRY: "" }, {}],
  ])("%j with %j", async (line, environment, options) => {
    expect(await optionsOf(line, environment)).toEqual(options);
  });
});

test.each([
  ["IMAGESPEC_PATHS_FROM", "here", "Allowed choices are cwd, spec."],
  ["IMAGESPEC_FORCE", "perhaps", "expected true or false."],
  ["IMAGESPEC_CONCURRENCY", "0", "expected a number from 1 to 9999."],
  ["IMAGESPEC_SECRET", "id=x", "expected id=NAME,src=FILE or id=NAME,env=VARIABLE."],
])("%s=%s is a wrong call", async (variable, text, message) => {
  await expect(optionsOf(["build"], { [variable]: text })).rejects.toMatchObject({
    code: "USAGE",
    message: `${variable}=${text}: ${message}`,
  });
});

const nothing = { force: undefined, push: undefined, registry: undefined, builder: undefined };

test.each([
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "True", { force: true }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "anything", { force: true }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "FALSE", { force: false }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "0", { force: false }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "off", { force: false }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "no", { force: false }],
  ["FLYTE_FORCE_PUSH_IMAGE_SPEC", "", { force: false }],
  ["FLYTE_PUSH_IMAGE_SPEC", "True", { push: true }],
  ["FLYTE_PUSH_IMAGE_SPEC", "1", { push: true }],
  ["FLYTE_PUSH_IMAGE_SPEC", "yes", { push: false }],
  ["FLYTE_PUSH_IMAGE_SPEC", "false", { push: false }],
  ["FLYTE_IMAGE_REGISTRY", "ghcr.io/org", { registry: "ghcr.io/org" }],
  ["FLYTE_IMAGE_REGISTRY", "", {}],
  ["FLYTE_IMAGE_BUILDER", "remote", { builder: "remote" }],
  ["FLYTE_IMAGE_BUILDER", "", {}],
  ["FLYTE_IMG_FAST_FAIL", "true", {}],
  ["FLYTE_IMG_FAST_FAIL", "false", {}],
])("%s=%s", (variable, text, settings) => {
  expect(flyteSettings({ [variable]: text })).toEqual({ ...nothing, ...settings });
});
