import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { type Buildkitd, connectEngine, startBuildkitd } from "@imagespec/test-services";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { type Built, build, type Files, folderWith } from "./support/engine.ts";
import { lookInto, runImage } from "./support/look-into.ts";
import { prepareSuite } from "./support/suite.ts";

const { dockerHost, registry, base, programs } = prepareSuite();

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

describe("a spec with all that envd can do", () => {
  let daemon: Buildkitd;
  let builds: Readonly<Record<string, Built>>;

  /** At once, for most of a build is waiting for packages. */
  beforeAll(async () => {
    daemon = await startBuildkitd({ listen: "tcp" });
    const context: EnvdOptions["context"] = { builder: "tcp", address: daemon.address };
    const binary = programs.envd;
    const runs = {
      docker: build({ ...rich, name: "by-docker", builder: "docker" }, { files }),
      "moby-worker": build({ ...rich, name: "by-moby-worker" }, { files, options: { binary } }),
      tcp: build({ ...rich, name: "by-tcp" }, { files, options: { binary, context } }),
    };
    const pairs = Object.entries(runs).map(async ([name, run]) => [name, await run] as const);
    builds = Object.fromEntries(await Promise.all(pairs));
  });

  afterAll(() => daemon.stop());

  test("is built with steps, logs and one tag by each", () => {
    for (const { outcome, events } of Object.values(builds)) {
      expect(outcome.error).toBeUndefined();
      expect(outcome).toMatchObject({
        status: "built",
        fingerprint: builds.docker!.outcome.fingerprint,
        image: { digest: expect.stringMatching(/^sha256:/) },
      });
      const types = new Set(events.map(({ type }) => type));
      for (const type of ["step-start", "step-log", "step-end"] as const) expect(types).toContain(type);
    }
  });

  test("gives the same files, packages, variables and entrypoint as the docker builder", async () => {
    const { workingDir: _, ...expected } = await lookInto(dockerHost, builds.docker!.outcome.reference);
    const env = { ...expected.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
    for (const name of ["moby-worker", "tcp"]) {
      const { workingDir: _, ...found } = await lookInto(dockerHost, builds[name]!.outcome.reference);
      expect(found, name).toEqual({ ...expected, env });
    }
  });

  test("runs: its entrypoint gets the container's words", async () => {
    const client = connectEngine(dockerHost);
    for (const { outcome } of Object.values(builds)) {
      expect(await runImage(client, outcome.reference, ["a b", "$c"])).toBe("it's ['a b', '$c']\n");
    }
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
