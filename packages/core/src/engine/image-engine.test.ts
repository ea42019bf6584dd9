import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type FakeOptions, fakeBuilder } from "../../test/fake-builder.ts";
import { type FakeRegistry, fakeRegistry } from "../../test/fake-registry.ts";
import type { Existence } from "../builder/builder.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import { noop } from "../builder/noop-builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import type { BuildEvent } from "./events.ts";
import { createEngine } from "./image-engine.ts";
import type { PushPermission, RegistryService } from "./registry-service.ts";

const root = mkdtempSync(path.join(tmpdir(), "imagespec-engine-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function setUp(builder: FakeOptions = {}, registry = fakeRegistry()) {
  const push: FakeOptions["build"] = async (request) => {
    const result = await builder.build?.(request);
    const digest = `sha256:${"a".repeat(64)}`;
    registry.pushed.set(request.reference, digest);
    return { digest, ...result };
  };
  const fake = fakeBuilder({ ...builder, build: push });
  const builders = new BuilderRegistry().register(fake, { priority: 1 }).register(noop());
  const engine = createEngine({ builders, registry, cwd: root, hostPlatform: "linux/amd64" });
  return { engine, fake, registry };
}

const image = (name: string, more: ImageSpec = {}): ImageSpec => ({
  name,
  registry: "registry.example/team",
  ...more,
});

describe("build", () => {
  test("builds what is absent, verifies it, and finds it the next time", async () => {
    const { engine, fake, registry } = setUp();
    const [first] = await engine.build([image("app")]);
    expect(first).toMatchObject({ status: "built", image: { digest: `sha256:${"a".repeat(64)}` } });
    const [second] = await engine.build([image("app")]);
    expect(second).toMatchObject({ status: "present", reference: first!.reference });
    expect(fake.started).toHaveLength(1);
    expect(registry.asked).toHaveLength(3);
  });

  test("gives the config of the base, read from the registry, to a builder that asks for it", async () => {
    const config = { env: { LANG: "C" }, labels: {} };
    const registry = { ...fakeRegistry(), imageConfig: vi.fn(async () => config) };
    const given: unknown[] = [];
    const build: FakeOptions["build"] = async ({ bases }) => {
      given.push(Object.fromEntries(bases));
      return {};
    };
    const spec = image("app", { baseImage: "debian:12", platform: "linux/arm64" });
    await setUp({ build, inspectsBase: true }, registry).engine.build([spec]);
    expect(given).toEqual([{ "docker.io/library/debian:12": config }]);
    const asked = ["docker.io/library/debian:12", "linux/arm64", expect.anything()];
    expect(registry.imageConfig.mock.calls).toEqual([asked]);
    await setUp({ build }, registry).engine.build([spec], { force: true });
    expect(given[1]).toEqual({});
  });

  test("builds equal specs once and nested bases first", async () => {
    const { engine, fake } = setUp();
    const base = image("base", { aptPackages: ["git"] });
    const outcomes = await engine.build([
      image("one", { baseImage: base, commands: ["true"] }),
      image("two", { baseImage: { ...base, aptPackages: ["git", "git"] }, commands: ["false"] }),
      image("one", { baseImage: base, commands: ["true"] }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["built", "built", "built"]);
    expect(fake.started.map((one) => /team\/(\w+):/.exec(one)?.[1])).toEqual(["base", "one", "two"]);
  });

  test("hands on the name that the build of the base returned", async () => {
    const seen: string[] = [];
    const { engine } = setUp(
      {
        build: async ({ plan, reference }) => {
          seen.push(plan.base.reference);
          return reference.includes("/base:")
            ? { reference: "elsewhere.example/base:1", digest: undefined }
            : {};
        },
      },
      {
        ...fakeRegistry(),
        verifyPush: async (reference) => ({ verdict: "verified", image: { reference } }),
      },
    );
    await engine.build([image("app", { baseImage: image("base") })], { force: true });
    expect(seen[1]).toBe("elsewhere.example/base:1");
  });

  test("runs no more at once than it may", async () => {
    const gate = new AbortController();
    const opened = once(gate.signal, "abort");
    const { engine, fake } = setUp({ build: () => opened.then(() => ({})) });
    const running = engine.build(
      ["a", "b", "c", "d", "e"].map((name) => image(name)),
      { concurrency: 2 },
    );
    await vi.waitFor(() => expect(fake.started).toHaveLength(2));
    gate.abort();
    await running;
    expect(fake.started).toHaveLength(5);
    expect(fake.peak()).toBe(2);
  });

  test("force builds what is there", async () => {
    const { engine, fake, registry } = setUp();
    await engine.build([image("app")]);
    const events: BuildEvent[] = [];
    await engine.build([image("app")], { force: true, onEvent: (event) => events.push(event) });
    expect(fake.started).toHaveLength(2);
    expect(events).toContainEqual(expect.objectContaining({ type: "build-start", forced: true }));
    expect(registry.pushed.size).toBe(1);
  });

  test("the first failure cancels the rest, or not", async () => {
    const options: FakeOptions = {
      build: ({ reference, signal }) =>
        reference.includes("/bad:")
          ? Promise.reject(new ImageSpecError("BUILD_STEP_FAILED", "exit code 1", { hint: "look" }))
          : new Promise((resolve, reject) => {
              if (reference.includes("/slow:"))
                signal.addEventListener("abort", () => reject(new Error("aborted")));
              else resolve({});
            }),
    };
    const fast = await setUp(options).engine.build([image("slow"), image("bad")]);
    expect(fast).toMatchObject([
      { status: "skipped", error: { code: "ABORTED" } },
      { status: "failed", error: { code: "BUILD_STEP_FAILED" } },
    ]);
    const specs = [image("bad"), image("good"), image("above", { baseImage: image("bad") })];
    const going = await setUp(options).engine.build(specs, { keepGoing: true });
    expect(going).toMatchObject([
      { status: "failed" },
      { status: "built" },
      { status: "skipped", error: { code: "BASE_FAILED" } },
    ]);
  });

  test("a signal cancels what runs", async () => {
    const abort = new AbortController();
    const { engine, fake } = setUp({
      build: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const running = engine.build([image("app")], { signal: abort.signal });
    await vi.waitFor(() => expect(fake.started).toHaveLength(1));
    abort.abort();
    expect(await running).toMatchObject([{ status: "skipped", error: { code: "ABORTED" } }]);
  });

  test("a push that the registry does not confirm is a failure", async () => {
    const registry = {
      ...fakeRegistry(),
      verifyPush: async () => ({ verdict: "unknown", reason: "server-error" }),
    };
    const lost = await setUp({}, registry as FakeRegistry).engine.build([image("app")]);
    expect(lost).toMatchObject([{ status: "failed", error: { code: "BUILD_NOT_VERIFIED" } }]);
    const other = await setUp({ build: async () => ({ digest: `sha256:${"b".repeat(64)}` }) }).engine.build([
      image("app"),
    ]);
    expect(other).toMatchObject([{ status: "failed", error: { code: "BUILDER_RESULT" } }]);
  });
});

describe("a builder that builds elsewhere", () => {
  const permission: PushPermission = { verdict: "denied", code: "PUSH_DENIED", message: "no" };
  const registryOf = (verifyPush: RegistryService["verifyPush"]): FakeRegistry => ({
    ...fakeRegistry({ permission }),
    verifyPush,
  });

  test("needs no right of ours to push, and none to look at what it built", async () => {
    const registry = registryOf(async () => ({ verdict: "unknown", reason: "denied" }));
    const outcomes = await setUp({ remote: true }, registry).engine.build([image("app")]);
    expect(outcomes).toMatchObject([{ status: "built" }]);
  });

  test("is still held to the digest that it names, registry or not", async () => {
    const differences = [{ what: "digest" as const, expected: "a", found: "b" }];
    const registry = registryOf(async () => ({ verdict: "different", differences }));
    const { engine } = setUp({ remote: true }, registry);
    for (const spec of [image("app"), { name: "app" }])
      expect(await engine.build([spec], { force: true })).toMatchObject([
        { error: { code: "BUILDER_RESULT" } },
      ]);
  });
});

describe("a builder that makes the base with the image", () => {
  const folder = path.join(root, "with-base");
  const spec = { baseImage: { name: "base", copy: ["a.txt"], entrypoint: ["x"] }, copy: ["b.txt"] };
  const write = (): void => {
    mkdirSync(folder, { recursive: true });
    for (const name of ["a.txt", "b.txt"]) writeFileSync(path.join(folder, name), name);
  };

  test("is given the files of both, and the base is not built by itself", async () => {
    write();
    const paths: string[] = [];
    const { engine, fake } = setUp({
      includesBase: () => true,
      build: async ({ services }) => {
        for await (const entry of services.context()) if (entry.type === "file") paths.push(entry.path);
        return {};
      },
    });
    expect(await engine.build([{ spec: image("app", spec), cwd: folder }])).toMatchObject([
      { status: "built" },
    ]);
    expect(fake.started).toHaveLength(1);
    expect(paths).toEqual(["base/copy/0/root/a.txt", "copy/0/root/b.txt"]);
  });

  test("is asked what the base needs, too", async () => {
    write();
    const capabilities = { files: true, localStore: true } as const;
    const { engine } = setUp({ capabilities, includesBase: () => true });
    await expect(engine.build([{ spec: image("app", spec), cwd: folder }])).rejects.toMatchObject({
      details: { field: "entrypoint" },
    });
  });

  test("packs what it is sent", async () => {
    write();
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("packed");
    };
    const { engine } = setUp({
      emit: () => [],
      packContext: ({ plan }) => (plan.steps.length > 1 ? { path: "context.bin", content } : undefined),
    });
    const emitted = await engine.emit({ spec: image("app", { copy: ["b.txt"] }), cwd: folder });
    expect(emitted.context).toEqual([{ path: "context.bin", content }]);
    expect((await engine.emit({ spec: image("app"), cwd: folder })).context).toEqual([]);
  });
});

describe("existence that is unknown", () => {
  const unknown = (reason: string): Existence => ({ verdict: "unknown", reason, hint: "log in" });

  test("is an error unless the caller says otherwise", async () => {
    const run = (ifUnknown?: "error" | "build" | "skip") =>
      setUp({}, fakeRegistry({ answer: unknown("rate-limited") })).engine.build([image("app")], {
        ifUnknown,
      });
    expect(await run()).toMatchObject([
      { status: "failed", error: { code: "EXISTENCE_UNKNOWN", details: { hint: "log in" } } },
    ]);
    expect(await run("build")).toMatchObject([{ status: "built" }]);
    expect(await run("skip")).toMatchObject([{ status: "skipped" }]);
  });

  test.each(["auth-required-or-absent", "denied-or-absent", "denied"])(
    "%s is absence once a push is let in",
    async (reason) => {
      const answer = unknown(reason);
      const allowed = await setUp({}, fakeRegistry({ answer })).engine.build([image("app")]);
      expect(allowed).toMatchObject([{ status: "built" }]);
      const permission: PushPermission = { verdict: "denied", code: "PUSH_DENIED", message: "no" };
      const denied = await setUp({}, fakeRegistry({ answer, permission })).engine.build([image("app")]);
      expect(denied).toMatchObject([{ status: "failed", error: { code: "EXISTENCE_UNKNOWN" } }]);
    },
  );

  test("a push that would be denied is found before the build", async () => {
    const permission: PushPermission = {
      verdict: "denied",
      code: "PUSH_DENIED",
      message: "no",
      hint: "log in",
    };
    const { engine, fake } = setUp({}, fakeRegistry({ permission }));
    expect(await engine.build([image("app")])).toMatchObject([{ error: { code: "PUSH_DENIED" } }]);
    expect(fake.started).toEqual([]);
  });
});

describe("before anything starts", () => {
  test("every refusal is told, with the builders that can", async () => {
    const { engine, fake } = setUp({ capabilities: { pip: true } });
    const error = await engine
      .build([image("app", { aptPackages: ["git"], commands: ["true"] })])
      .catch((one) => one);
    expect(error).toMatchObject({
      code: "SPEC_UNSUPPORTED_FIELD",
      details: {
        field: "aptPackages",
        hint: "leave out aptPackages",
        issues: [{ field: "aptPackages" }, { field: "commands" }],
      },
    });
    expect(fake.started).toEqual([]);
  });

  test("a builder's own options are checked", async () => {
    const { engine } = setUp({
      optionsSchema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: () => ({ issues: [{ message: "unknown option", path: ["x"] }] }),
        },
      },
    });
    const building = engine.build([image("app", { builder: "fake", builderOptions: { fake: { x: 1 } } })]);
    await expect(building).rejects.toMatchObject({
      code: "BUILDER_OPTIONS",
      details: { field: "builderOptions.fake.x" },
    });
  });

  test("a builder that is not installed is named with its package", async () => {
    const { engine } = setUp();
    await expect(engine.build([image("app", { builder: "envd" })])).rejects.toMatchObject({
      code: "BUILDER_NOT_INSTALLED",
      details: { hint: "npm install @imagespec/envd" },
    });
    await expect(engine.build([image("app", { builder: "dokcer" })])).rejects.toMatchObject({
      details: { hint: "npm install imagespec-builder-dokcer  (or did you mean docker?)" },
    });
  });
});

describe("plan", () => {
  test("says for each image what a build would do", async () => {
    const { engine, fake } = setUp();
    await engine.build([image("base")]);
    const planned = await engine.plan([
      image("app", { baseImage: image("base") }),
      image("odd", { labels: { a: "b" } }),
    ]);
    expect(planned.map(({ name, action, reason }) => ({ name, action, reason }))).toEqual([
      { name: "base", action: "present", reason: "it is there" },
      { name: "app", action: "build", reason: "it is not there" },
      { name: "odd", action: "blocked", reason: "the fake builder does not support labels" },
    ]);
    expect(fake.started).toHaveLength(1);
  });
});

describe("what builders are lent", () => {
  test("secrets and credentials reach them and nothing else", async () => {
    const file = path.join(root, "netrc");
    writeFileSync(file, "machine x password s3cret-from-file\n");
    const events: BuildEvent[] = [];
    const folders: string[] = [];
    const { engine } = setUp({
      build: async ({ services, reference }) => {
        const texts = [
          Buffer.from(await services.secret("netrc")).toString(),
          Buffer.from(await services.secret("token")).toString(),
          JSON.stringify(await services.credentials("registry.example/team/app", "push")),
        ];
        folders.push(await services.temporaryDirectory());
        services.emit({
          type: "step-log",
          image: reference,
          step: "1",
          stream: "stdout",
          line: texts.join(),
        });
        throw new Error(`failed with ${texts.join()}`);
      },
    });
    const [outcome] = await engine.build([image("app")], {
      secrets: { token: { value: "s3cret-value" } },
      onEvent: (event) => events.push(event),
    });
    expect(outcome?.error).toMatchObject({ code: "BUILDER_FAILED" });
    expect(JSON.stringify([events, outcome, outcome?.error?.message])).not.toMatch(/s3cret|hunter2/);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false]);
  });

  test("a secret that is nowhere is an error with the flag that gives it", async () => {
    const { engine } = setUp({
      build: async ({ services }) => ({ metadata: { pat: await services.secret("pat") } }),
    });
    expect(await engine.build([image("app")])).toMatchObject([
      { error: { code: "SECRET_NOT_FOUND", details: { hint: expect.stringContaining("--secret id=pat") } } },
    ]);
  });
});

describe("noop", () => {
  test("is the base image as it is, asks nobody, and says what it leaves out", async () => {
    const { engine, registry, fake } = setUp();
    const warnings: string[] = [];
    const spec = image("app", { builder: "noop", baseImage: "ghcr.io/org/base:1", aptPackages: ["git"] });
    const [outcome] = await engine.build([spec], {
      force: true,
      onEvent: (event) => event.type === "warning" && warnings.push(event.message),
    });
    expect(outcome).toMatchObject({ status: "present", reference: "ghcr.io/org/base:1" });
    expect(registry.asked).toEqual([]);
    expect(fake.started).toEqual([]);
    expect(warnings).toEqual(["the noop builder builds nothing: aptPackages is not in the image"]);
  });
});

describe("one tag", () => {
  test("is given to one spec whether defaults come from the engine or are written out", async () => {
    const { engine } = setUp();
    const defaults: ImageSpec = { pythonVersion: "3.11", env: { A: "1" }, aptPackages: ["git"] };
    const builders = new BuilderRegistry().register(fakeBuilder());
    const configured = createEngine({ builders, defaults, cwd: root, hostPlatform: "linux/amd64" });
    const [one] = await configured.resolve([image("app", { env: { B: "2" } })]);
    const [two] = await engine.resolve([
      image("app", { env: { A: "1", B: "2" }, pythonVersion: "3.11", aptPackages: ["git"] }),
    ]);
    expect(one?.reference).toBe(two?.reference);
  });

  test("does not change with options that do not reach the image", async () => {
    const { engine } = setUp({
      fingerprintOptions: (options) => ({ recipe: (options as { recipe?: string }).recipe }),
    });
    const tag = async (fake: Record<string, unknown>) =>
      (await engine.resolve([image("app", { builderOptions: { fake } })]))[0]!.fingerprint;
    const plain = await tag({ recipe: "a" });
    expect(await tag({ recipe: "a", cache: "x" })).toBe(plain);
    expect(await tag({ recipe: "b" })).not.toBe(plain);
  });
});

test("an error of another copy of this package is recognised", async () => {
  vi.resetModules();
  const other = await import("../errors/image-spec-error.ts");
  expect(other.ImageSpecError).not.toBe(ImageSpecError);
  expect(ImageSpecError.isInstance(new other.ImageSpecError("X", "y"))).toBe(true);
  expect(ImageSpecError.isInstance(new Error("x"))).toBe(false);
});
