import { beforeAll, describe, expect, test } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

beforeAll(ensureCommand);

async function tag(
  files: Readonly<Record<string, string | Uint8Array>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return runCommand(["tag"], { cwd: temporaryFolder(files), environment });
}

const debug = "\n  hint: see where it comes from: run again with --debug\n";
const write = "\n  hint: export default defineImage({ … })\n";

describe("a module", () => {
  test.each([
    ["throws", "const a = 1;\nthrow new Error('boom');", `[SOURCE_MODULE_FAILED] image.mjs:2: boom${debug}`],
    ["throws nothing", "throw undefined;", `[SOURCE_MODULE_FAILED] image.mjs: it threw undefined${debug}`],
    [
      "exports nothing",
      "export const image = {};",
      `[SOURCE_NO_DEFAULT_EXPORT] image.mjs: the default export is missing${write}`,
    ],
    [
      "exports a function",
      "export default async () => ({});",
      `[SOURCE_NO_DEFAULT_EXPORT] image.mjs: the default export is a function${write}`,
    ],
    [
      "exports a promise that fails",
      "export default Promise.reject(new Error('late'));",
      `[SOURCE_MODULE_FAILED] image.mjs: late${debug}`,
    ],
    [
      "exports a promise that is never kept",
      "export default new Promise(() => {});",
      `[SOURCE_MODULE_FAILED] image.mjs: its default export is a promise that is never kept${debug}`,
    ],
    [
      "waits for what never comes",
      "await new Promise(() => {});\nexport default {};",
      `[SOURCE_MODULE_FAILED] image.mjs: it waits for something that never comes${debug}`,
    ],
    [
      "has a syntax error",
      "export default {\n  name: 'a',\n  env: [,\n};",
      expect.stringMatching(/^\[SOURCE_MODULE_FAILED\] image\.mjs:4: Unexpected token '}'\n/),
    ],
  ])("that %s", async (_, text, message) => {
    const { stderr, ...ended } = await tag({ "image.mjs": text });
    expect(ended).toEqual({ code: 2, signal: null, stdout: "" });
    expect(stderr.replace(/^error/, "")).toEqual(message);
  });

  test("of TypeScript with a syntax error", async () => {
    const text = "enum A { B }\nexport default {\n  name: 'a' as const,\n  b = 3\n};";
    const { code, stderr } = await tag({ "image.ts": text });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error\[SOURCE_MODULE_FAILED\] image\.ts:4: \S.*\n {2}hint: /);
    expect(stderr).not.toContain("/image.ts");
  });

  test("that exports a promise of a spec is one", async () => {
    const text = "export default new Promise((resolve) => setTimeout(resolve, 1, { name: 'a' }));";
    expect(await tag({ "image.mjs": text })).toMatchObject({ code: 0, stderr: "" });
  });

  test("with an endless loop is told, and ended", async () => {
    const ended = await tag({ "image.mjs": "for (;;);" }, { IMAGESPEC_MODULE_TIMEOUT: "1" });
    expect(ended).toEqual({
      code: null,
      signal: "SIGTERM",
      stdout: "",
      stderr:
        "error[SOURCE_MODULE_ENDLESS] image.mjs: it kept the process busy for 1 s without an end\n" +
        "  hint: look for a loop that does not end; for a module that needs longer: IMAGESPEC_MODULE_TIMEOUT=300\n",
    });
  });
});

describe("YAML", () => {
  test("with anchors and merge keys means what it says", async () => {
    const text =
      "images:\n  a: &a\n    name: app\n    env: {A: '1'}\n  b:\n    <<: *a\n    name: app\n    env: {A: '1'}\n";
    const { code, stdout } = await tag({ "image.yaml": text });
    expect(code).toBe(0);
    const [first, second] = stdout.trim().split("\n");
    expect(first).toBe(second);
  });

  test.each([
    ["tabs", "env:\n\tA: b", /^error\[SPEC_SYNTAX\] image\.yaml:2: .*[Tt]ab/],
    ["a key given twice", "name: a\nenv: {}\nname: b", /^error\[SPEC_SYNTAX\] image\.yaml:3: .*unique/],
    ["an alias of nothing", "name: *gone", /^error\[SPEC_SYNTAX\] image\.yaml:1: nothing is called \*gone/],
    [
      "aliases that multiply",
      `${["a: &a [x,x,x,x,x,x,x,x,x]"]
        .concat(
          [..."bcdefghi"].map(
            (name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9).slice(0, -1)}]`,
          ),
        )
        .join("\n")}`,
      /^error\[SPEC_SYNTAX\] image\.yaml: its aliases multiply without end/,
    ],
    ["an unknown tag", "name: !!python/object:os.system a", /^error\[SPEC_SYNTAX\] image\.yaml:1: /],
    [
      "50 MB",
      `env:\n${"  A: b\n".repeat(7_500_000)}`,
      /^error\[SOURCE_TOO_LARGE\] image\.yaml: .*4 MiB\n {2}hint: /,
    ],
  ])("with %s", async (_, text, message) => {
    const { stderr, ...ended } = await tag({ "image.yaml": text });
    expect(ended).toEqual({ code: 2, signal: null, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("of 50 MB on standard input is not read to its end", async () => {
    const input = `env:\n${"  A: b\n".repeat(7_500_000)}`;
    const ended = await runCommand(["tag", "-"], { cwd: temporaryFolder(), input });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("error[SOURCE_TOO_LARGE]") });
  });
});
