import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions, ImageSpec } from "@imagespec/core";
import { type Buildkitd, startBuildkitd } from "@imagespec/test-services";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { publishImage } from "./support/base-image.ts";
import { build, onLog } from "./support/engine.ts";
import { writeProgram } from "./support/programs.ts";
import { prepareSuite } from "./support/suite.ts";
import { prepareUserHome } from "./support/user-home.ts";

const { dockerHost, registry, base, programs } = prepareSuite();
const { baseImages } = inject("services");
const small: ImageSpec = { name: "fault", registry, baseImage: base, commands: ["true"] };
let binary: string;
const user = prepareUserHome();

beforeAll(() => {
  binary = programs.envd;
});

type Run = BuildOptions & Readonly<{ options?: EnvdOptions }>;

async function failure(spec: ImageSpec, { options, ...run }: Run = {}) {
  const { outcome } = await build(spec, { ...run, options: { binary, ...options } });
  expect(outcome.status).toBe("failed");
  return { code: outcome.error!.code, message: outcome.error!.message, hint: outcome.error!.details.hint };
}

const program = (text: string): Promise<string> => writeProgram(join(user.root, "envd"), text);

describe("envd itself", () => {
  test("is not there", async () => {
    const missing = join(user.root, "nowhere", "envd");
    const { code, hint } = await failure(small, { options: { binary: missing } });
    expect({ code, hint }).toMatchInlineSnapshot(`
      {
        "code": "ENVD_NOT_FOUND",
        "hint": "pip install envd   or: uv tool install envd",
      }
    `);
  });

  test("is a file that may not be run, or no envd", async () => {
    const text = join(user.root, "envd.txt");
    await writeFile(text, "no program");
    expect((await failure(small, { options: { binary: text } })).code).toBe("ENVD_NOT_FOUND");
    await chmod(text, 0o755);
    const { code, hint } = await failure(small, { options: { binary: text } });
    expect(code).toBe("ENVD_COMMAND_FAILED");
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

/** Its socket has no room for the path of the test's own folder. */
function startDaemon(disk?: number): Promise<Buildkitd> {
  vi.stubEnv("TMPDIR", user.systemFolder);
  const started = startBuildkitd(disk === undefined ? {} : { disk });
  vi.stubEnv("TMPDIR", join(user.root, "temporary"));
  return started;
}

describe("a buildkitd", () => {
  test("is not there", async () => {
    const address = join(user.root, "no.sock");
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
          onEvent: onLog("sleeping", () => void daemon.kill()),
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
