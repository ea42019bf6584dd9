import { randomUUID } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { expect, test, vi } from "vitest";
import { docker } from "../../src/index.ts";
import { testEngineFurther } from "./engine-suite-further.ts";
import { testEnginePushes } from "./engine-suite-pushes.ts";
import { testEngineSecrets } from "./engine-suite-secrets.ts";
import { type EngineUnderTest, inTemporaryFolder, temporaryFilesIn } from "./engine-under-test.ts";
import { fileEntry } from "./handwritten.ts";
import { countProcesses } from "./processes.ts";
import { inspectWith } from "./registry-inspect.ts";
import { baseImages, build, buildSpecs, newReference, run, writeFiles } from "./suite-builds.ts";
import { useEngine } from "./use-engine.ts";

type SuiteOptions = Readonly<{ withApt?: boolean; isThorough?: boolean }>;

/**
 * What every engine does alike. `withApt`: apt as well, which takes a while; `isThorough`: also what engines of the same
 * kind share. Returns the engine, for tests of what not every one does.
 */
export function testEngine(
  start: () => Promise<EngineUnderTest>,
  { withApt = false, isThorough = false }: SuiteOptions = {},
): () => EngineUnderTest {
  const current = useEngine(start);

  test("probe says which engine it is, and why", async () => {
    const { signal } = new AbortController();
    const found = await docker().probe({}, signal);
    expect(found).toMatchObject({ available: true, version: expect.stringMatching(current().version) });
    const said = current().name === "docker" ? /image store/ : new RegExp(`^${current().name}: .+; .+`);
    expect(found).toMatchObject({ detail: expect.stringMatching(said) });
    vi.stubEnv("IMAGESPEC_ENGINE", current().name);
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
      expect(await current().run(reference, ["sh", "-c", script])).toContain(
        [
          "app\n/work\ntool\n0\n/work\ntree\n1.16.0",
          'a "b" $c|one\ntwo|/work|',
          "644 app /srv/app/main.py\n755 app /usr/local/bin/tool\n755 app /work",
        ].join("\n"),
      );
      const { Entrypoint, Labels, User, WorkingDir } = await current().inspect(reference);
      expect({ Entrypoint, User, WorkingDir }).toEqual({
        Entrypoint: ["python3", "/srv/app/main.py"],
        User: "app",
        WorkingDir: "/work",
      });
      expect(Labels).toMatchObject({ "org.example.team": "a b", "dev.imagespec.builder": "docker" });
      const again = await buildSpecs(cwd, [spec]);
      expect(again.outcomes[0]?.status).toBe("present");
    }));

  testEngineSecrets(current);

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
      code: "BUILD_STEP_KILLED",
      details: { step: { exitCode: 137 }, hint: expect.stringContaining("memory") },
    });
  });

  test("an abort while a step runs ends it, and leaves nothing", () =>
    inTemporaryFolder(async (temporary) => {
      vi.stubEnv("TMPDIR", temporary);
      const before = await current().leftovers();
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
      await expect.poll(() => current().leftovers(), { timeout: 60_000 }).toEqual(before);
      expect(await temporaryFilesIn(temporary)).toEqual([]);
    }));

  test("an image is pushed, and its digest is what the registry has", async () => {
    const reference = newReference();
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

  if (isThorough) {
    testEngineFurther(current);
    testEnginePushes(current);
  }
  return current;
}
