import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BuildEvent,
  BuilderRegistry,
  type BuildPlan,
  createEngine,
  type ImageSpec,
} from "@imagespec/core";
import type {} from "@imagespec/test-services";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { runBuild } from "../../src/engine/run-build.ts";
import { docker } from "../../src/index.ts";
import { anyPlan, buildRequest } from "./build-request.ts";
import { type EngineUnderTest, inTemporaryFolder } from "./engine-under-test.ts";
import { fileEntry, handwritten } from "./handwritten.ts";
import { countProcesses, watchCommands } from "./processes.ts";
import { inspectWith } from "./registry-inspect.ts";

const { registry, baseImages } = inject("services");
const base = baseImages["python-nopip"];
const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: base } };

type Parts = Parameters<typeof buildRequest>[0];

/** RUN of a script, as it is. */
function run(script: string, mounts = ""): string {
  return `RUN ${mounts}${JSON.stringify(["/bin/sh", "-e", "-c", "--", script])}`;
}

/** Builds `FROM base` and these lines. */
function build(lines: readonly string[], parts: Parts = {}, secrets: readonly string[] = []) {
  const reference = `imagespec-test/${randomUUID()}:1`;
  const { request, events } = buildRequest({ plan, reference, ...parts });
  return {
    result: runBuild(request, handwritten([`FROM ${base}`, ...lines], { secrets })),
    events,
    reference: request.reference,
  };
}

/** Builds a spec as a user does, through core's engine. */
async function buildSpecs(cwd: string, specs: readonly ImageSpec[]) {
  const events: BuildEvent[] = [];
  const builders = new BuilderRegistry().register(docker());
  const options = { onEvent: (event: BuildEvent) => events.push(event) };
  const outcomes = await createEngine({ builders, cwd }).build(specs, options);
  const errors = outcomes.map(({ error }) => error).filter((error) => error !== undefined);
  const cause = errors.find(({ code }) => code !== "ABORTED") ?? errors[0];
  if (cause !== undefined) throw cause;
  return { outcomes, events };
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** How often a text stands in the files of a folder. */
async function countIn(folder: string, text: string): Promise<number> {
  const { stdout } = await execa("grep", ["-rlaF", "--devices=skip", text, folder], { reject: false });
  return stdout.split("\n").filter(Boolean).length;
}

function linesOf(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));
}

/** What every engine does alike. `withApt`: apt as well, which takes a while. */
export function testEngine(
  start: () => Promise<EngineUnderTest>,
  { withApt = false }: Readonly<{ withApt?: boolean }> = {},
): void {
  let engine: EngineUnderTest;

  beforeAll(async () => {
    engine = await start();
  });

  afterAll(() => engine?.stop());

  beforeEach(() => {
    for (const [name, value] of Object.entries(engine.environment)) vi.stubEnv(name, value);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("probe says which engine it is, and why", async () => {
    const { signal } = new AbortController();
    const found = await docker().probe({}, signal);
    expect(found).toMatchObject({ available: true, version: expect.stringMatching(engine.version) });
    const said = engine.name === "docker" ? /image store/ : new RegExp(`^${engine.name}: .+; .+`);
    expect(found).toMatchObject({ detail: expect.stringMatching(said) });
    vi.stubEnv("IMAGESPEC_ENGINE", engine.name);
    expect(await docker().probe({}, signal)).toMatchObject({
      detail: expect.stringMatching("IMAGESPEC_ENGINE says so$"),
    });
  });

  test("a spec becomes an image with all that it says, and is not built again", () =>
    inTemporaryFolder(async (cwd) => {
      await writeFiles(cwd, { "app/main.py": "print('hello')\n", "tool.sh": "#!/bin/sh\necho tool\n" });
      await chmod(join(cwd, "tool.sh"), 0o755);
      const spec: ImageSpec = {
        name: `full-${randomUUID()}`,
        baseImage: baseImages["python-nonroot"],
        aptPackages: withApt ? ["tree"] : [],
        packages: ["six==1.16.0"],
        env: { GREETING: 'a "b" $c', LINES: "one\ntwo" },
        copy: [
          { from: "app", to: "/srv/app" },
          { from: "tool.sh", to: "/usr/local/bin/tool" },
        ],
        commands: ["id -u > /made-by", "pwd >> /made-by"],
        workDirectory: "/work",
        entrypoint: ["python3", "/srv/app/main.py"],
        labels: { "org.example.team": "a b" },
      };
      const { outcomes } = await buildSpecs(cwd, [spec]);
      const { reference, status } = outcomes[0]!;
      expect(status).toBe("built");
      const script = [
        `id -un; pwd; tool; cat /made-by; ${withApt ? "tree --version | head -c 4; echo" : "echo tree"}`,
        "python3 -c 'import six; print(six.__version__)'",
        'printf "%s|" "$GREETING" "$LINES" "$PYTHONPATH"; echo',
        "stat -c '%a %U %n' /srv/app/main.py /usr/local/bin/tool /work; ls -A /var/lib/apt/lists /root/.cache 2>&1 | sort",
        "ls -d /dev/.imagespec /.imagespec 2>&1 | sort",
      ].join("\n");
      expect(await engine.run(reference, ["sh", "-c", script])).toContain(
        [
          "app\n/work\ntool\n0\n/work\ntree\n1.16.0",
          'a "b" $c|one\ntwo|/work|',
          "644 app /srv/app/main.py\n755 app /usr/local/bin/tool\n755 app /work",
        ].join("\n"),
      );
      const { Entrypoint, Labels, User, WorkingDir } = await engine.inspect(reference);
      expect({ Entrypoint, User, WorkingDir }).toEqual({
        Entrypoint: ["python3", "/srv/app/main.py"],
        User: "app",
        WorkingDir: "/work",
      });
      expect(Labels).toMatchObject({ "org.example.team": "a b", "dev.imagespec.builder": "docker" });
      const again = await buildSpecs(cwd, [spec]);
      expect(again.outcomes[0]?.status).toBe("present");
    }));

  test("several images at once, one of them on another", () =>
    inTemporaryFolder(async (cwd) => {
      const stamp = randomUUID();
      const below: ImageSpec = { name: "below", baseImage: base, env: { STAMP: stamp } };
      const above = ["a", "b"].map((name): ImageSpec => {
        return { name, baseImage: below, commands: [`echo ${name} $STAMP > /made`] };
      });
      const building = buildSpecs(cwd, above);
      if (!engine.startsFromStore) {
        await expect(building).rejects.toMatchObject({ code: "ENGINE_NO_LOCAL_STORE" });
        return;
      }
      const { outcomes } = await building;
      const made = outcomes.map(({ reference }) => engine.run(reference, ["cat", "/made"]));
      expect((await Promise.all(made)).map((text) => text.trim())).toEqual([`a ${stamp}`, `b ${stamp}`]);
    }));

  test("a secret reaches its step, and stays nowhere", () =>
    inTemporaryFolder(async (temporary) => {
      vi.stubEnv("TMPDIR", temporary);
      const secret = `planted-${randomUUID()}`;
      const mount = (target: string) => `--mount=type=secret,id=token,target=${target},required=true `;
      const lines = [
        run(`echo ${randomUUID()}; sha256sum /etc/app/token`, mount("/etc/app/token")),
        run(
          "test ! -s /etc/app/token; cat /dev/.imagespec/secrets/1 | wc -c",
          mount("/dev/.imagespec/secrets/1"),
        ),
      ];
      const services = { secret: async () => Buffer.from(secret) };
      const commands = watchCommands();
      const { result, events, reference } = build(lines, { services }, ["token"]);
      await result;
      expect((await commands.stop()).filter((line) => line.includes(secret))).toEqual([]);
      const digest = await crypto.subtle.digest("SHA-256", Buffer.from(secret));
      expect(linesOf(events).join("\n")).toContain(Buffer.from(digest).toString("hex"));
      expect(JSON.stringify(events)).not.toContain(secret);
      expect(JSON.stringify(await engine.inspect(reference))).not.toContain(secret);
      expect(await countIn(engine.folder, secret)).toBe(0);
      expect(await readdir(temporary)).toEqual([]);
    }));

  test("a failed step is told with its command, exit code and last lines; a secret in them is masked", async () => {
    const services = { secret: async () => Buffer.from("planted-password") };
    const script = "for i in $(seq 30); do echo line $i; done; cat /run/token; echo; exit 42";
    const mount = "--mount=type=secret,id=token,target=/run/token,required=true ";
    const { result } = build([run("echo before"), run(script, mount), run("echo after")], { services }, [
      "token",
    ]);
    const error = await result.catch((fault: unknown) => fault);
    expect(error).toMatchObject({
      code: "BUILD_STEP_FAILED",
      details: { step: { exitCode: 42, command: expect.stringContaining("exit 42") } },
    });
    const { log } = (error as { details: { step: { log: readonly string[] } } }).details.step;
    expect(log).toEqual([...Array.from({ length: 19 }, (_, index) => `line ${index + 12}`), "***"]);
    expect(JSON.stringify([error, (error as Error).message])).not.toContain("planted-password");
  });

  test("a step that is killed for want of memory says so", async () => {
    await expect(build([run("sh -c 'kill -9 $$'")]).result).rejects.toMatchObject({
      code: "BUILD_STEP_FAILED",
      details: { step: { exitCode: 137 }, hint: expect.stringContaining("memory") },
    });
  });

  test("an abort while a step runs ends it, and leaves nothing", () =>
    inTemporaryFolder(async (temporary) => {
      vi.stubEnv("TMPDIR", temporary);
      const before = await engine.leftovers();
      const controller = new AbortController();
      const reason = new Error("ctrl-c");
      const seconds = `${600 + Math.random()}`;
      const { result } = build([run(`sleep ${seconds}; echo after`)], { signal: controller.signal });
      const outcome = result.catch((fault: unknown) => fault);
      const isRunning = () => countProcesses(`sleep\0${seconds}`);
      await expect.poll(isRunning, { timeout: 60_000 }).toBeGreaterThan(0);
      controller.abort(reason);
      expect(await outcome).toBe(reason);
      await expect.poll(isRunning, { timeout: 60_000 }).toBe(0);
      await expect.poll(() => engine.leftovers(), { timeout: 60_000 }).toEqual(before);
      expect(await readdir(temporary)).toEqual([]);
    }));

  test("an image is pushed, and its digest is what the registry has", async () => {
    const reference = `${registry}/pushed/${randomUUID()}:v1`;
    const services = { inspect: inspectWith() };
    const { result } = build(["COPY file /", "LABEL a=b"], {
      destination: "registry",
      reference,
      services,
      context: [fileEntry("file", randomUUID())],
    });
    const { digest } = await result;
    expect(digest).toMatch(/^sha256:/);
    expect(await inspectWith()(reference)).toEqual({ verdict: "present", image: { reference, digest } });
  });

  test("a registry that is not there, and a base that is not there", async () => {
    const push = build(["LABEL a=b"], { destination: "registry", reference: "127.0.0.1:1/x/y:v1" });
    await expect(push.result).rejects.toMatchObject({ code: "PUSH_UNREACHABLE" });
    const from = (reference: string) => {
      const { request } = buildRequest({ plan: { ...plan, base: { kind: "reference", reference } } });
      return runBuild(request, handwritten([`FROM ${reference}`]));
    };
    await expect(from(`${registry}/base/gone:1`)).rejects.toMatchObject({ code: "BASE_IMAGE_NOT_FOUND" });
    await expect(from("127.0.0.1:1/base/x:1")).rejects.toMatchObject({ code: "BASE_IMAGE_UNREACHABLE" });
  });
}
