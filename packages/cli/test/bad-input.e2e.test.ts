import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { startDockerd } from "@imagespec/test-services";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { type Answer, startAnsweringServer } from "./support/answering-server.ts";
import { type Ended, ensureCommand, RunningCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry, baseImages } = inject("services");

beforeAll(ensureCommand);

/** Runs a command that leaves no temporary file, whatever comes of it. */
async function imagespec(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const cwd = temporaryFolder({ ...files, "tmp/.keep": "" });
  if (files["link.yaml"]) {
    mkdirSync(path.join(cwd, "tree"));
    symlinkSync("../../outside", path.join(cwd, "tree", "out"));
  }
  const temporary = path.join(cwd, "tmp");
  const ended = await runCommand(args, {
    cwd,
    environment: { DOCKER_HOST: dockerHost, TMPDIR: temporary, ...environment },
  });
  expect(readdirSync(temporary)).toEqual([".keep"]);
  return ended;
}

describe("a spec that is wrong", () => {
  test.each([
    ["packages: pandas", "error[SPEC_INVALID] image.yaml:1 packages: expected a list\n"],
    [
      "name: a\npakages: []",
      'error[SPEC_UNKNOWN_FIELD] image.yaml:2 pakages: unknown field "pakages"\n  hint: did you mean packages?\n',
    ],
    [
      "copy: [../secret]",
      expect.stringMatching(/^error\[SPEC_PATH_OUTSIDE\] image\.yaml:1 copy\[0\]: .*\n {2}hint: /),
    ],
    [
      "copy: [/etc/passwd]",
      expect.stringMatching(/^error\[SPEC_PATH_OUTSIDE\] image\.yaml:1 copy\[0\]: .*\n {2}hint: /),
    ],
    [
      "name: a\nrequirements: gone.txt",
      expect.stringMatching(
        /^error\[SPEC_FILE_NOT_FOUND\] image\.yaml:2 requirements: gone\.txt: .*\n {2}hint: /,
      ),
    ],
    [
      "requirements: loop.txt",
      expect.stringMatching(/^error\[SPEC_REQUIREMENTS_CYCLE\] .*loop\.txt.*\n {2}hint: /),
    ],
    ["python_version: three", expect.stringMatching(/^error\[SPEC_INVALID\] image\.yaml:1 pythonVersion: /)],
    [
      "registry: 'https://ghcr.io/org:v1'",
      expect.stringMatching(/^error\[REGISTRY_PREFIX_INVALID\] .*\n {2}hint: /),
    ],
    ["name: 'a b'", expect.stringMatching(/^error\[REFERENCE_INVALID\] .*\n {2}hint: /)],
    [
      "tag_format: latest",
      expect.stringMatching(/^error\[SPEC_TAG_FORMAT\] image\.yaml:1 tagFormat: .*\n {2}hint: /),
    ],
    ["platform: windows", expect.stringMatching(/^error\[PLATFORM_INVALID\] .*\n {2}hint: /)],
    ["env: {A: [1]}", expect.stringMatching(/^error\[SPEC_INVALID\] image\.yaml:1 env\.A: /)],
    ["a: 1\nb: [", expect.stringMatching(/^error\[SPEC_SYNTAX\] image\.yaml:2: /)],
  ])("%j ends with 2", async (spec, stderr) => {
    const files = {
      "image.yaml": spec,
      "loop.txt": "-r more/again.txt\n",
      "more/again.txt": "-r ../loop.txt\n",
    };
    expect(await imagespec(["tag"], files)).toEqual({ code: 2, signal: null, stdout: "", stderr });
    expect(await imagespec(["build"], files)).toEqual({ code: 2, signal: null, stdout: "", stderr });
  });

  test("a relative symlink that leads out", async () => {
    const ended = await imagespec(["tag", "link.yaml"], { "link.yaml": "copy: [tree]" });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toMatch(/^error\[SPEC_SYMLINK_ESCAPES\] link\.yaml:1 copy\[0\]: .*\n {2}hint: /);
  });

  test("a refusal of the builder comes before anything starts", async () => {
    const ended = await imagespec(["build"], { "image.yaml": `registry: ${registry}/cli\ncuda: "12.4"` });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toMatch(/^error\[SPEC_UNSUPPORTED_FIELD\] image\.yaml:2 cuda: .*\n {2}hint: /);
    expect(
      (await imagespec(["plan"], { "image.yaml": `registry: ${registry}/cli\ncuda: "12.4"` })).code,
    ).toBe(2);
  });

  test("with several specs the file and line of the right one are told", async () => {
    const specs = "images:\n  a: {name: a}\n  b:\n    requirements: gone.txt\n";
    const { stderr } = await imagespec(["tag", "specs.yaml"], { "specs.yaml": specs });
    expect(stderr).toMatch(/^error\[SPEC_FILE_NOT_FOUND\] specs\.yaml:4 images\.b\.requirements: /);
  });

  test("a path that is there from the other folder", async () => {
    const files = { "deep/image.yaml": "copy: [app.py]", "deep/app.py": "" };
    const { stderr } = await imagespec(["tag", "deep/image.yaml"], files);
    expect(stderr).toMatch(/\n {2}hint: it is there from the spec's folder: --paths-from spec\n$/);
    expect(await imagespec(["tag", "deep/image.yaml", "--paths-from", "spec"], files)).toMatchObject({
      code: 0,
    });
  });

  test("values that flags and defaults gave are told by their names", async () => {
    const spec = { "image.yaml": "name: a" };
    expect((await imagespec(["tag", "--platform", "windows"], spec)).stderr).toMatch(
      /^error\[PLATFORM_INVALID\] --platform/,
    );
    const config = {
      ...spec,
      "imagespec.config.mjs": "export default {\n  defaults: {\n    tagFormat: 'x',\n  },\n};",
    };
    expect((await imagespec(["tag"], config)).stderr).toMatch(
      /^error\[SPEC_TAG_FORMAT\] imagespec\.config\.mjs:3 defaults\.tagFormat: /,
    );
  });
});

describe("--json", () => {
  const failure = (code: string): object => ({ error: expect.objectContaining({ code }) });

  test.each([
    [["tag", "--json"], "packages: pandas", "SPEC_INVALID"],
    [["build", "--json"], "name: a\npakages: []", "SPEC_UNKNOWN_FIELD"],
    [["exists", "--json", "ORG/app"], "name: a", "REFERENCE_INVALID"],
    [["plan", "--json", "--forse"], "name: a", "USAGE"],
    [["check-public", "--json"], "name: a", "USAGE"],
  ])("%j says as JSON why it ended", async (args, spec, code) => {
    const ended = await imagespec(args, { "image.yaml": spec });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(`^error\\[${code}\\]`) });
    expect(JSON.parse(ended.stdout)).toEqual(failure(code));
  });

  test("as a variable, too, and with the place of the fault", async () => {
    const { stdout } = await imagespec(
      ["tag"],
      { "image.yaml": "name: a\npakages: []" },
      { IMAGESPEC_JSON: "1" },
    );
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "SPEC_UNKNOWN_FIELD",
        message: 'unknown field "pakages"',
        field: "pakages",
        file: "image.yaml",
        line: 2,
        hint: "did you mean packages?",
      },
    });
  });
});

describe("a wrong call", () => {
  test.each([
    [["bild"], "error[USAGE] unknown command 'bild'\n  hint: Did you mean build?\n"],
    [["tag", "--forse"], "error[USAGE] unknown option '--forse'\n  hint: imagespec --help\n"],
    [
      ["build", "--concurrency", "0"],
      "error[USAGE] option '--concurrency <n>' argument '0' is invalid. expected a number from 1 to 9999.\n  hint: imagespec --help\n",
    ],
    [
      ["build", "--secret", "id=a"],
      "error[USAGE] option '--secret <source>' argument 'id=a' is invalid. expected id=NAME,src=FILE or id=NAME,env=VARIABLE.\n  hint: imagespec --help\n",
    ],
    [["emit"], "error[USAGE] required option '--format <format>' not specified\n  hint: imagespec --help\n"],
    [["tag", "--cwd", "nowhere"], "error[USAGE] --cwd: nowhere is not a folder\n  hint: mkdir -p nowhere\n"],
    [
      ["tag"],
      expect.stringMatching(
        /^error\[SOURCE_NOT_FOUND\] no spec was named.*\n {2}hint: make one: imagespec init\n$/,
      ),
    ],
    [["exists", "ORG/app"], expect.stringMatching(/^error\[REFERENCE_INVALID\] .*\n {2}hint: /)],
  ])("%j ends with 2", async (args, stderr) => {
    expect(await imagespec(args, {})).toEqual({ code: 2, signal: null, stdout: "", stderr });
  });

  test("a builder that is not installed", async () => {
    const spec = { "image.yaml": "name: a" };
    expect((await imagespec(["tag", "--builder", "dokcer"], spec)).code).toBe(0);
    const { code, stderr } = await imagespec(["build", "--builder", "dokcer"], spec);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error\[BUILDER_NOT_INSTALLED\] .*\n {2}hint: npm install imagespec-builder-dokcer.*docker/,
    );
  });

  test("a variable with a wrong value", async () => {
    const ended = await imagespec(["build"], { "image.yaml": "name: a" }, { IMAGESPEC_FORCE: "perhaps" });
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("IMAGESPEC_FORCE=perhaps: expected true or false."),
    });
  });
});

const say =
  (status: number, body: string, type = "application/json"): Answer =>
  (_, response) => {
    response.writeHead(status, {
      "content-type": type,
      ...(status === 401 ? { "www-authenticate": "Basic realm=r" } : {}),
    });
    response.end(body);
  };

const errors = (code: string): string => JSON.stringify({ errors: [{ code, message: code }] });

describe("a registry that does not help", () => {
  test.each([
    ["answers 401", say(401, errors("UNAUTHORIZED")), "auth-required-or-absent"],
    ["answers 403", say(403, errors("DENIED")), "denied"],
    ["answers HTML", say(200, "<html>hello</html>", "text/html"), "not-a-registry"],
    ["answers 500", say(500, "oh"), "server-error"],
  ])("%s", async (_, answer, reason) => {
    const host = await startAnsweringServer(answer);
    const files = {
      "image.yaml": `name: app\nregistry: ${host}/org\nbase_image: ${baseImages["python-nopip"]}`,
    };
    const asked = await imagespec(["exists"], files);
    expect(asked).toMatchObject({ code: 3, stdout: expect.stringMatching(`^unknown ${reason}`) });
    const built = await imagespec(["build"], files);
    expect(built).toMatchObject({ code: 3, stdout: "" });
    expect(built.stderr).toMatch(/^error\[EXISTENCE_UNKNOWN\] .*\n {2}hint: /m);
  });

  test("answers 404 to everything: the push fails, after a warning that it may", async () => {
    const host = await startAnsweringServer(say(404, errors("NAME_UNKNOWN")));
    const spec = `name: app\nregistry: ${host}/org\nbase_image: ${baseImages["python-nopip"]}`;
    const built = await imagespec(["build"], { "image.yaml": spec });
    expect(built).toMatchObject({ code: 1, stdout: "" });
    expect(built.stderr).toMatch(/^error\[PUSH_[A-Z_]+\] .*\n {2}hint: /m);
    expect(built.stderr).toMatch(/^warning\[PUSH_PERMISSION_UNKNOWN\] app: /m);
  });

  test("answers 404", async () => {
    const host = await startAnsweringServer(say(404, errors("MANIFEST_UNKNOWN")));
    expect(await imagespec(["exists", `${host}/org/app:1`], {})).toMatchObject({
      code: 1,
      stdout: "absent\n",
    });
  });

  test("is not there", async () => {
    const files = { "image.yaml": "name: app\nregistry: 127.0.0.1:1/org" };
    expect(await imagespec(["exists"], files)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^unknown refused/),
    });
    expect(await imagespec(["plan"], files)).toMatchObject({ code: 3 });
    const built = await imagespec(["build"], files);
    expect(built).toMatchObject({ code: 3, stdout: "" });
    expect(built.stderr).toMatch(/^error\[EXISTENCE_UNKNOWN\] .*refused.*\n {2}hint: /m);
    expect(await imagespec(["build", "--if-unknown", "skip"], files)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^127\.0\.0\.1:1\/org\/app:\w+\n$/),
    });
  });
});

describe("an engine that does not help", () => {
  const spec = (name: string, command: string): Readonly<Record<string, string>> => ({
    "image.yaml": `name: ${name}\nregistry: ${registry}/cli\nbase_image: ${baseImages["python-system"]}\ncommands: ["${command}"]`,
  });

  test("is not there", async () => {
    const ended = await imagespec(["build"], spec("no-engine", "true"), {
      DOCKER_HOST: "unix:///nonexistent/docker.sock",
    });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^error\[ENGINE_NOT_FOUND\] .*\n {2}hint: /m);
    const listed = await imagespec(["builders"], {}, { DOCKER_HOST: "unix:///nonexistent/docker.sock" });
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^docker\s+-\s+1\s+no: /m) });
  });

  test("dies during the build", async () => {
    const engine = await startDockerd();
    onTestFinished(() => engine.stop());
    const cwd = temporaryFolder({ ...spec("dying", "echo now; sleep 1000"), "tmp/.keep": "" });
    const environment = { DOCKER_HOST: engine.dockerHost, TMPDIR: path.join(cwd, "tmp") };
    const running = new RunningCommand(["build"], { cwd, environment });
    await running.said(/^#\d+ dying \| now$/m);
    await engine.kill();
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^error\[ENGINE_[A-Z_]+\] .*\n {2}hint: /m);
    expect(readdirSync(path.join(cwd, "tmp"))).toEqual([".keep"]);
    const tags = await fetch(`http://${registry}/v2/cli/dying/tags/list`);
    expect(tags.status).toBe(404);
  });
});
