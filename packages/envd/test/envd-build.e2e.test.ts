import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { type Buildkitd, connectEngine, startBuildkitd } from "@imagespec/test-services";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { envdBase, publishImage } from "./support/base-image.ts";
import { build, type Files, folderWith } from "./support/engine.ts";
import { lookInto, runIn } from "./support/look-into.ts";
import { ensurePrograms } from "./support/programs.ts";

const { dockerHost, registry, baseImages } = inject("services");
const base = `${registry}/base/envd:1`;
let programs: Awaited<ReturnType<typeof ensurePrograms>>;
let unix: Buildkitd;
let tcp: Buildkitd;

beforeAll(async () => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
  programs = await ensurePrograms();
  await publishImage({ dockerHost, reference: base, dockerfile: envdBase(baseImages["python-system"]) });
  [unix, tcp] = await Promise.all([startBuildkitd(), startBuildkitd({ listen: "tcp" })]);
});

afterAll(async () => {
  await Promise.all([unix.stop(), tcp.stop()]);
  vi.unstubAllEnvs();
});

const files: Files = {
  "requirements.txt": "# what the service needs\nsix==1.16.0  # pinned\n-r more.txt\n-c limits.txt\n",
  "more.txt": 'idna ; python_version > "3"\n# the end',
  "limits.txt": "idna==3.4\n",
  "a.txt": "hello",
  "run.sh": { text: "#!/bin/sh\necho run\n", mode: 0o755 },
  "src/main.py": "print('main')\n",
  "src/tools/tool": { text: "#!/bin/sh\n", mode: 0o755 },
  'data/it\'s "odd" $x.txt': "odd",
};

const rich: ImageSpec = {
  name: "rich",
  registry,
  baseImage: base,
  aptPackages: ["tree", "file"],
  requirements: "requirements.txt",
  packages: ['toolz<1 ; python_version > "3"', "packaging>=20,<25"],
  env: { QUOTES: `it's "so"`, DOLLAR: "$HOME ${X} $(id)", LINES: "one\ntwo\n", EMPTY: "" },
  sourceRoot: "src",
  copy: [
    "a.txt",
    "run.sh",
    "data",
    { from: "a.txt", to: "/etc/app/a.conf" },
    { from: "data", to: "/srv/it's" },
  ],
  commands: [
    "echo 'single' \"$QUOTES\" > quotes",
    "cd /srv; export LATER=1",
    "printf '%s\\n' \"$PWD\" \"$LATER\" 'it'\\''s' > /root/state",
    "false | true; echo $UNSET_VARIABLE; test ! -e nothing || exit 1",
    'echo "a\\tb" > /root/echo; umask > /root/umask',
  ],
  entrypoint: ["python", "-c", "import sys; print('it\\'s', sys.argv[1:])"],
};

/** Where envd is to build. */
function places(): readonly (readonly [string, EnvdOptions])[] {
  return [
    ["moby-worker", {}],
    ["unix", { context: { builder: "unix", address: unix.address } }],
    ["tcp", { context: { builder: "tcp", address: tcp.address } }],
  ];
}

describe("a spec with all that envd can do", () => {
  test("gives what the docker builder gives, wherever envd builds it", async () => {
    const byDocker = await build({ ...rich, name: "by-docker", builder: "docker" }, { files });
    expect(byDocker.outcome).toMatchObject({ status: "built" });
    const expected = await lookInto(dockerHost, byDocker.outcome.reference);
    for (const [name, options] of places()) {
      const { outcome } = await build(
        { ...rich, name: `by-${name}` },
        { files, options: { binary: programs.envd, ...options } },
      );
      expect(outcome, name).toMatchObject({ status: "built", fingerprint: byDocker.outcome.fingerprint });
      const found = await lookInto(dockerHost, outcome.reference);
      expect(found.python, name).toEqual(expected.python);
      expect(found.apt, name).toEqual(expected.apt);
      expect(found.files, name).toEqual(expected.files);
      expect(found.env, name).toEqual({ ...expected.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" });
      expect(found.entrypoint, name).toEqual(expected.entrypoint);
    }
  });
});

describe("uv.lock", () => {
  const project = `[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["idna==3.6", "colorama ; sys_platform == 'win32'"]
[dependency-groups]
dev = ["toolz"]
`;

  async function lockedFiles(): Promise<Files> {
    const folder = await folderWith({ "pyproject.toml": project });
    try {
      await execa(programs.uv, ["lock", "--quiet"], { cwd: folder });
      return { "pyproject.toml": project, "uv.lock": await readFile(join(folder, "uv.lock"), "utf8") };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test("is exported with its hashes, and refused where it is stale", async () => {
    const locked = await lockedFiles();
    const spec: ImageSpec = { name: "locked", baseImage: base, requirements: "uv.lock" };
    const options = { binary: programs.envd, uv: programs.uv };
    const { outcome } = await build(spec, { files: locked, options });
    expect(outcome.error).toBeUndefined();
    const list = ["python", "-m", "pip", "list", "--format=freeze"];
    const installed = await runIn(connectEngine(dockerHost), outcome.reference, list);
    expect(installed).toContain("idna==3.6");
    expect(installed).not.toMatch(/toolz|colorama/);
    const changed = project.replace("idna==3.6", "idna==3.7");
    const stale = await build(spec, { files: { ...locked, "pyproject.toml": changed }, options });
    expect(stale.outcome.error?.code).toBe("SPEC_STALE_LOCK");
  });
});

describe("contexts", () => {
  test("FLYTE_ENVD_CONTEXT names one of the user's own, which stays as it is", async () => {
    const home = await folderWith({});
    const env = { HOME: home, ENVD_ANALYTICS: "false" };
    const address = join(home, "not-there.sock");
    const create = ["context", "create", "--name", "mine", "--builder", "unix", "--builder-address", address];
    await execa(programs.envd, create, { env });
    const contexts = join(home, ".config", "envd", "contexts");
    const before = await readFile(contexts);
    vi.stubEnv("HOME", home);
    vi.stubEnv("FLYTE_ENVD_CONTEXT", "mine");
    const spec: ImageSpec = { name: "context", registry, baseImage: base };
    const { outcome } = await build(spec, { options: { binary: programs.envd } });
    vi.stubEnv("FLYTE_ENVD_CONTEXT", "other");
    const other = await build(spec, { options: { binary: programs.envd } });
    vi.unstubAllEnvs();
    vi.stubEnv("DOCKER_HOST", dockerHost);
    expect(outcome.error?.code).toBe("ENVD_BUILDER_UNREACHABLE");
    expect(outcome.error?.message).toContain(`unix://${address}`);
    expect(other.outcome.error?.code).toBe("ENVD_CONTEXT_NOT_FOUND");
    expect(await readFile(contexts)).toEqual(before);
    await rm(home, { recursive: true });
  });
});
