import { beforeAll, describe, expect, test } from "vitest";
import { ensureCommand } from "./support/command.ts";
import { build, builder, type Files, installed } from "./support/third-party.ts";

beforeAll(ensureCommand);

test("a good one builds", async () => {
  const ended = await build(installed("other", `export default () => (${builder("other")});`));
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^app:\w+\n$/) });
});

const itsFault =
  "\n  hint: this is a fault of imagespec-builder-other: install another version of it, or report it there\n";

describe("a package of a builder", () => {
  test.each([
    [
      "that is missing",
      {},
      /\[BUILDER_NOT_INSTALLED\] .*"other" is not installed\n {2}hint: npm install imagespec-builder-other\n$/,
    ],
    ["that throws", installed("other", "throw new Error('boom');"), `does not load: boom${itsFault}`],
    [
      "with a syntax error",
      installed("other", "export default ("),
      /does not load: Unexpected .*\n {2}hint: this is a fault of imagespec-builder-other/,
    ],
    [
      "that lacks one of its own",
      installed("other", "import 'gone';"),
      /does not load: Cannot find package 'gone'.*\n {2}hint: install it anew: npm install imagespec-builder-other\n/,
    ],
    [
      "that waits for what never comes",
      installed("other", "await new Promise(() => {});"),
      `does not load: it waits for something that never comes${itsFault}`,
    ],
    [
      "that exports nothing",
      installed("other", ""),
      `does not load: it exports no function that makes a builder${itsFault}`,
    ],
    [
      "without an entry",
      { "node_modules/imagespec-builder-other/package.json": '{"exports":{"./x":"./x.js"}}' },
      /does not load: .*imagespec-builder-other has no entry that Node can import\n/,
    ],
    [
      "whose factory throws",
      installed("other", "export default () => { throw new Error('no home'); };"),
      `does not load: no home${itsFault}`,
    ],
    [
      "whose factory gives nothing",
      installed("other", "export default () => {};"),
      `does not load: the function that it exports makes no builder${itsFault}`,
    ],
    [
      "whose factory gives something else",
      installed("other", "export default async () => ({});"),
      /\[BUILDER_INTERFACE\] .*imagespec-builder-other is not a builder\n/,
    ],
    [
      "of another interface version",
      installed("other", `export default () => (${builder("other", "interfaceVersion: 2,")});`),
      /\[BUILDER_INTERFACE\] .*imagespec-builder-other speaks version 2 of the builder interface, this is version 1\n {2}hint: install a version of imagespec-builder-other /,
    ],
    [
      "whose builder has another name",
      installed("other", `export default () => (${builder("docker")});`),
      /\[BUILDER_INTERFACE\] .*imagespec-builder-other makes a builder called "docker"\n/,
    ],
  ] as readonly (readonly [string, Files, string | RegExp])[])("%s", async (_, files, message) => {
    const ended = await build(files);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toEqual(
      typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message),
    );
  });

  test("that the config names, or makes a builder itself, is told by its place there", async () => {
    const config = (entry: string): Files => ({
      "imagespec.config.mjs": `export default { builders: [${entry}] };`,
    });
    const said = async (entry: string): Promise<string> => (await build(config(entry), ["tag"])).stderr;
    expect(await said('"imagespec-builder-gone"')).toMatch(
      /^error\[BUILDER_NOT_INSTALLED\] .*imagespec-builder-gone is not installed\n/,
    );
    expect(await said("() => { throw new Error('boom'); }")).toMatch(
      /^error\[BUILDER_LOAD_FAILED\] imagespec\.config\.mjs builders\[0\]: it makes no builder: boom\n/,
    );
    expect(await said("{ name: 'x' }")).toMatch(
      /^error\[BUILDER_INTERFACE\] builders\[0\] of imagespec\.config\.mjs is not a builder\n/,
    );
  });
});

describe("a builder", () => {
  const doing = (fields: string): Files =>
    installed("other", `export default () => (${builder("other", fields)});`);

  test("that throws in probe is not available, and the others are", async () => {
    const files = {
      ...doing('probe: async () => { throw new TypeError("x is not a function"); },'),
      "imagespec.config.mjs": 'export default { builders: ["imagespec-builder-other"] };',
    };
    const { code, stdout, stderr } = await build(files, ["builders"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^other +- +5 +no: the other builder failed in probe: x is not a function \(this is a fault of the other builder/m,
    );
    expect(stdout).toMatch(/^noop /m);
  });

  test.each([
    ["throws", 'build: async () => { throw new TypeError("x is not a function"); },', "x is not a function"],
    [
      "waits for what never comes",
      "build: () => new Promise(() => {}),",
      "it waits for something that never comes",
    ],
    ["throws while it looks at the plan", "check: () => null.x,", "Cannot read properties of null"],
  ])("that %s", async (_, fields, message) => {
    const { code, stdout, stderr } = await build(doing(fields));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error\[BUILDER_FAILED\] /m);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^ {2}hint: this is a fault of the other builder, not of the spec/m);
  });

  test("that lies about its capabilities: nothing of it is left out silently", async () => {
    const multi = doing("capabilities: { multiPlatform: true },");
    const files = {
      ...multi,
      "image.yaml": "name: app\nbuilder: other\nplatform: [linux/amd64, linux/arm64]\ncommands: ['true']\n",
    };
    const refused = await build(files);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /error\[SPEC_UNSUPPORTED_FIELD\] image\.yaml:4 commands: the other builder does not support commands\n/,
    );
  });
});
