import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildEvent, BuildOptions, ImageSpec } from "@imagespec/core";
import { type Buildkitd, startBuildkitd } from "@imagespec/test-services";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { publishImage } from "./support/base-image.ts";
import { build } from "./support/engine.ts";
import { writeProgram } from "./support/programs.ts";
import { prepareSuite } from "./support/suite.ts";

const { dockerHost, registry, base, programs } = prepareSuite();
const { baseImages } = inject("services");
const small: ImageSpec = { name: "fault", registry, baseImage: base, commands: ["true"] };
let binary: string;
/** Everything of the test's own, and what the builder takes for the user's home and for temporary files. */
let root: string;
const systemFolder = tmpdir();

beforeAll(() => {
  binary = programs.envd;
});

/** What a user of envd, docker and a shell has. */
const userFiles: Readonly<Record<string, string>> = {
  ".bashrc": "# mine\n",
  ".config/envd/config.envd": "def build():\n    nonsense()\n",
  ".config/envd/contexts": "not for others",
  ".docker/config.json": "{}",
};

async function filesBelow(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")]);
  return Object.fromEntries(await Promise.all(pairs));
}

beforeEach(async () => {
  root = await mkdtemp(join(systemFolder, "imagespec-faults-"));
  for (const name of ["home/.config/envd", "home/.docker", "temporary"]) {
    await mkdir(join(root, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(userFiles)) await writeFile(join(root, "home", name), text);
  vi.stubEnv("HOME", join(root, "home"));
  vi.stubEnv("XDG_CACHE_HOME", join(root, "cache"));
  vi.stubEnv("TMPDIR", join(root, "temporary"));
});

/** However a build ends, it leaves no temporary folder, and the user's files as they are. */
afterEach(async () => {
  const left = await readdir(join(root, "temporary"));
  const home = await filesBelow(join(root, "home"));
  await rm(root, { recursive: true });
  expect(left).toEqual([]);
  expect(home).toEqual(userFiles);
});

type Run = BuildOptions & Readonly<{ options?: EnvdOptions }>;

async function failure(spec: ImageSpec, { options, ...run }: Run = {}) {
  const { outcome } = await build(spec, { ...run, options: { binary, ...options } });
  expect(outcome.status).toBe("failed");
  return { code: outcome.error!.code, message: outcome.error!.message, hint: outcome.error!.details.hint };
}

const program = (text: string): Promise<string> => writeProgram(join(root, "envd"), text);

describe("envd itself", () => {
  test("is not there", async () => {
    const missing = join(root, "nowhere", "envd");
    const { code, hint } = await failure(small, { options: { binary: missing } });
    expect({ code, hint }).toMatchInlineSnapshot(`
      {
        "code": "ENVD_NOT_FOUND",
        "hint": "pip install envd   or: uv tool install envd",
      }
    `);
  });

  test("is no program, or none of this machine", async () => {
    const text = join(root, "envd.txt");
    await writeFile(text, "no program");
    expect((await failure(small, { options: { binary: text } })).code).toBe("ENVD_NOT_FOUND");
    await chmod(text, 0o755);
    const { code, hint } = await failure(small, { options: { binary: text } });
    expect(code).toMatch(/^ENVD_(NOT_STARTED|COMMAND_FAILED|TOO_OLD)$/);
    expect(hint).toBeTruthy();
  });

  test("is too old", async () => {
    const { code, message } = await failure(small, {
      options: { binary: await program("echo envd: v1.2.9") },
    });
    expect(code).toBe("ENVD_TOO_OLD");
    expect(message).toContain("is envd 1.2.9; at least 1.3 is needed");
  });

  test("is killed", async () => {
    const killed = await program(`[ "$1" != build ] || kill -KILL $$\nexec ${binary} "$@"`);
    const { code, message } = await failure(small, { options: { binary: killed } });
    expect(code).toBe("ENVD_FAILED");
    expect(message).toContain("SIGKILL");
  });

  test("takes too long", async () => {
    const spec = { ...small, commands: ["sleep 60"] };
    const { code, message } = await failure(spec, { options: { timeout: 4 } });
    expect(code).toMatch(/^(ENVD_FAILED|BUILD_STEP_FAILED)$/);
    expect(message).toContain("timeout");
  });
});

describe("images", () => {
  test("a base that is not there", async () => {
    const { code } = await failure({ ...small, baseImage: `${registry}/base/nothing:1` });
    expect(code).toBe("BASE_IMAGE_NOT_FOUND");
  });

  test("Python that lets pip install nothing, and none at all", async () => {
    const spec: ImageSpec = { ...small, packages: ["six"] };
    const none = await failure({ ...spec, baseImage: baseImages["python-nopip"] });
    expect(none.code).toBe("ENVD_NO_PYTHON");
    const managed = `${registry}/base/envd-managed:1`;
    const dockerfile = `FROM ${baseImages["python-system"]}\nRUN ln -s /usr/bin/python3 /usr/local/bin/python\n`;
    await publishImage({ dockerHost, reference: managed, dockerfile });
    expect((await failure({ ...spec, baseImage: managed })).code).toBe("ENVD_PYTHON_MANAGED");
  });

  test("a command that fails, with the last lines of its log", async () => {
    const { outcome } = await build(
      { ...small, commands: ["echo before", "exit 42"] },
      { options: { binary } },
    );
    expect(outcome.error?.code).toBe("BUILD_STEP_FAILED");
    expect(outcome.error?.details.step).toMatchObject({
      exitCode: 42,
      log: expect.arrayContaining(["before"]),
    });
  });
});

describe("a base with settings of its own", () => {
  test("variables that the base sets are refused, and its user owns what is copied", async () => {
    const own = `${registry}/base/envd-own:1`;
    const user = "RUN useradd --uid 4242 someone\nENV MODE=base\nUSER someone\n";
    await publishImage({ dockerHost, reference: own, dockerfile: `FROM ${base}\n${user}` });
    expect((await failure({ ...small, baseImage: own, env: { MODE: "mine" } })).code).toBe(
      "ENVD_VARIABLE_OF_BASE",
    );
    const { outcome } = await build(
      {
        ...small,
        baseImage: own,
        copy: ["a.txt"],
        workDirectory: "/srv/app",
        commands: ['test "$(stat -c %U /srv/app/a.txt /srv/app | uniq)" = someone'],
      },
      { files: { "a.txt": "a" }, options: { binary } },
    );
    expect(outcome.error).toBeUndefined();
    expect(outcome.status).toBe("built");
  });
});

/** How many processes of this machine run these words. */
async function processesOf(...words: readonly string[]): Promise<number> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // One that has ended meanwhile has no file.
  const lines = numbers.map((number) => readFile(`/proc/${number}/cmdline`, "utf8").catch(() => ""));
  const wanted = words.map((word) => `${word}\0`).join("");
  return (await Promise.all(lines)).filter((line) => line === wanted).length;
}

function untilLog(line: string, action: () => void): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === "step-log" && event.line === line) action();
  };
}

describe("an end before the end", () => {
  const seconds = "98765.4321";
  const endless: ImageSpec = { ...small, commands: ["echo sleeping", `sleep ${seconds}`] };

  const runningSteps = (count: number) =>
    vi.waitUntil(async () => (await processesOf("sleep", seconds)) === count, { timeout: 20_000 });

  test("Ctrl-C while a step runs ends the step", async () => {
    const abort = new AbortController();
    const { outcome } = await build(endless, {
      options: { binary },
      signal: abort.signal,
      onEvent: untilLog("sleeping", () => void runningSteps(1).then(() => abort.abort())),
    });
    expect(outcome.error?.code).toBe("ABORTED");
    await runningSteps(0);
  });

  test("Ctrl-C before and while envd starts", async () => {
    const stages: BuildEvent["type"][] = ["build-start", "step-start"];
    for (const stage of stages) {
      const abort = new AbortController();
      const { outcome } = await build(endless, {
        options: { binary },
        signal: abort.signal,
        onEvent: ({ type }) => type === stage && abort.abort(),
      });
      expect(outcome.error?.code, stage).toBe("ABORTED");
    }
  });

  test.each(["version", "context", "build"])(
    "Ctrl-C while envd does not come back from %s",
    async (stage) => {
      const abort = new AbortController();
      const hanging = await program(`[ "$1" != ${stage} ] || exec sleep ${seconds}\nexec ${binary} "$@"`);
      const context = { builder: "unix", address: join(root, "no.sock") } as const;
      const run = build(small, { options: { binary: hanging, context }, signal: abort.signal });
      await runningSteps(1);
      abort.abort();
      expect((await run).outcome.error?.code).toBe("ABORTED");
      await runningSteps(0);
    },
  );

  test("Ctrl-C while a lock is exported", async () => {
    const abort = new AbortController();
    const uv = await writeProgram(join(root, "uv"), `exec sleep ${seconds}`);
    const files = {
      "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n',
      "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
    };
    const spec = { ...small, requirements: "uv.lock" };
    const run = build(spec, { files, options: { binary, uv }, signal: abort.signal });
    await runningSteps(1);
    abort.abort();
    expect((await run).outcome.error?.code).toBe("ABORTED");
    await runningSteps(0);
  });

  // Of one spec into the engine's store: registries themselves may fail where one tag is pushed twice at once.
  test.each([
    ["of two specs", ["a", "b"], true],
    ["of one spec", ["a", "a"], false],
  ])("two builds at once, %s, do not disturb each other", async (_, words, push) => {
    const specs = words.map((word) => ({
      ...small,
      name: `at-once-${word}`,
      commands: [`echo ${word} > word; sleep 1; test "$(cat word)" = ${word}`],
    }));
    const run = { options: { binary }, force: true, push };
    const both = await Promise.all(specs.map((spec) => build(spec, run)));
    expect(both.map(({ outcome }) => outcome.error)).toEqual([undefined, undefined]);
  });
});

/** Its socket has no room for the path of the test's own folder. */
function startDaemon(disk?: number): Promise<Buildkitd> {
  vi.stubEnv("TMPDIR", systemFolder);
  const started = startBuildkitd(disk === undefined ? {} : { disk });
  vi.stubEnv("TMPDIR", join(root, "temporary"));
  return started;
}

describe("a buildkitd", () => {
  test("is not there", async () => {
    const address = join(root, "no.sock");
    const { code } = await failure(small, { options: { context: { builder: "unix", address } } });
    expect(code).toBe("ENVD_BUILDER_UNREACHABLE");
  });

  test("dies while it builds", async () => {
    const daemon = await startDaemon();
    try {
      const { code } = await failure(
        { ...small, baseImage: baseImages["python-nopip"], commands: ["echo sleeping", "sleep 300"] },
        {
          options: { context: { builder: "unix", address: daemon.address } },
          onEvent: untilLog("sleeping", () => void daemon.kill()),
        },
      );
      expect(code).toBe("ENVD_BUILDER_UNREACHABLE");
    } finally {
      await daemon.stop();
    }
  });

  test("has no room left", async () => {
    const daemon = await startDaemon(40);
    try {
      const options: EnvdOptions = { context: { builder: "unix", address: daemon.address } };
      expect((await failure(small, { options })).code).toBe("ENVD_DISK_FULL");
    } finally {
      await daemon.stop();
    }
  });
});
