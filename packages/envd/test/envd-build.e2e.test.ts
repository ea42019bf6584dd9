import type { ImageSpec } from "@imagespec/core";
import { type Buildkitd, findGo, startBuildkitd } from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { envdBase, publishImage } from "./support/base-image.ts";
import { build, type Files } from "./support/engine.ts";
import { lookInto } from "./support/look-into.ts";
import { ensurePrograms } from "./support/programs.ts";

const { dockerHost, registry, baseImages } = inject("services");
const base = `${registry}/base/envd:1`;
const go = findGo();
let programs: Awaited<ReturnType<typeof ensurePrograms>>;
let unix: Buildkitd | undefined;
let tcp: Buildkitd | undefined;

beforeAll(async () => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
  programs = await ensurePrograms();
  await publishImage({ dockerHost, reference: base, dockerfile: envdBase(baseImages["python-system"]) });
  if (go !== undefined)
    [unix, tcp] = await Promise.all([startBuildkitd(), startBuildkitd({ listen: "tcp" })]);
});

afterAll(async () => {
  await Promise.all([unix?.stop(), tcp?.stop()]);
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
  const buildkitd: (readonly [string, EnvdOptions])[] = [];
  if (unix) buildkitd.push(["unix", { context: { builder: "unix", address: unix.address } }]);
  if (tcp) buildkitd.push(["tcp", { context: { builder: "tcp", address: tcp.address } }]);
  return [["moby-worker", {}], ...buildkitd];
}

test("buildkitd is built from its Go module, which CI has to have", () => {
  if (process.env.CI) expect(go).toBeDefined();
  else if (go === undefined) console.warn("no Go here: unix and tcp contexts were not tested");
});

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
      expect(Object.fromEntries(found.files), name).toEqual(Object.fromEntries(expected.files));
      expect(found.env, name).toEqual({ ...expected.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" });
      expect(found.entrypoint, name).toEqual(expected.entrypoint);
    }
  });
});
