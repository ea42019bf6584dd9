import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { putImage, startRegistry, type TestRegistry } from "@imagespec/registry/testing";
import { type Buildkitd, startBuildkitd, startDockerRegistry } from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { build } from "./support/engine.ts";
import { prepareSuite } from "./support/suite.ts";

const { programs } = prepareSuite();
const files = { "a.txt": "a" };
let daemon: Buildkitd;
let registry: TestRegistry;
/** The same registry by a name that no builder takes for loopback. */
let plain: string;
/** An image without files: nothing can run in it, and a push of what stands on it is small. */
let empty: string;

beforeAll(async () => {
  [daemon, registry] = await Promise.all([startBuildkitd(), startRegistry()]);
  plain = `0.0.0.0:${registry.port}`;
  empty = `${registry.host}/base/empty:1`;
  putImage(registry, "base/empty", { tags: ["1"] });
});

afterAll(() => Promise.all([daemon.stop(), registry.close()]));

type Place = "moby-worker" | "unix";

function optionsFor(place: Place, address = daemon.address): EnvdOptions {
  const context = place === "unix" ? { builder: place, address } : { builder: place };
  return { binary: programs.envd, context };
}

async function outcomeOf(spec: ImageSpec, options: EnvdOptions) {
  const { outcome } = await build({ name: "pushed", copy: ["a.txt"], ...spec }, { files, options });
  return outcome;
}

describe.each(["moby-worker", "unix"] as const)("a push from %s", (place) => {
  test.each([
    ["a", { kind: "status", status: 403, code: "DENIED" }, "PUSH_DENIED"],
    ["b", { kind: "status", status: 401, code: "UNAUTHORIZED" }, "PUSH_DENIED"],
    ["c", { kind: "status", status: 500 }, "PUSH_REGISTRY_ERROR"],
  ] as const)("that the registry answers so: %s %j", async (name, fault, code) => {
    // The engine of core asks beforehand whether a push would be let in; this answer comes only to the push.
    const path = new RegExp(`^/v2/case-${name}/.*/manifests/`);
    const rule = registry.addFault({ fault, method: "PUT", path });
    const spec = { registry: `${registry.host}/case-${name}`, baseImage: empty, env: { PLACE: place } };
    const { error } = await outcomeOf(spec, optionsFor(place));
    rule.remove();
    expect(error).toMatchObject({ code, details: { field: "registry", hint: expect.any(String) } });
  });

  test("that the registry takes is verified there", async () => {
    const outcome = await outcomeOf(
      { registry: `${registry.host}/${place}`, baseImage: empty, env: { A: "b" } },
      optionsFor(place),
    );
    expect(outcome.error).toBeUndefined();
    expect(outcome.image?.digest).toMatch(/^sha256:/);
    const tag = outcome.reference.split(":").at(-1)!;
    expect(registry.manifest(`${place}/pushed`, tag)).toBeDefined();
  });
});

test("a cache goes to a registry and comes back; attributes of the exporter reach it", async () => {
  const cache = `type=registry,ref=${registry.host}/cache/pushed:1`;
  const options = optionsFor("unix");
  const spec = { registry: `${registry.host}/cached`, baseImage: empty };
  // In its older form it is an index of what is no manifest, which this registry refuses.
  const refused = await outcomeOf(spec, { ...options, exportCache: cache });
  expect(refused.error?.code).toBe("ENVD_CACHE_NOT_EXPORTED");
  const first = await build(
    { name: "pushed", copy: ["a.txt"], ...spec },
    { files, options: { ...options, exportCache: `${cache},image-manifest=true` }, force: true },
  );
  expect(first.outcome.error).toBeUndefined();
  expect(registry.manifest("cache/pushed", "1")).toBeDefined();
  const output = { compression: "zstd", "force-compression": "true" };
  const names: string[] = [];
  const { outcome } = await build(
    { name: "pushed", copy: ["a.txt"], ...spec },
    {
      files,
      options: { ...options, importCache: cache, output },
      onEvent: (event) => event.type === "step-start" && names.push(event.name),
    },
  );
  expect(outcome.error).toBeUndefined();
  expect(names).toContainEqual(
    expect.stringContaining(`importing cache manifest from ${registry.host}/cache/pushed:1`),
  );
  const tag = outcome.reference.split(":").at(-1)!;
  expect(String(registry.manifest("cached/pushed", tag))).toContain("tar.zstd");
});

describe("plain http", () => {
  test("is refused for a base by the name of another host", async () => {
    const spec = { registry: registry.host, baseImage: `${plain}/base/empty:1` };
    expect((await outcomeOf(spec, optionsFor("unix"))).error?.code).toBe("BASE_IMAGE_INSECURE");
  });

  test("is allowed to a buildkitd where the spec says so", async () => {
    const outcome = await outcomeOf(
      { registry: `http://${plain}/http`, baseImage: empty },
      optionsFor("unix"),
    );
    expect(outcome.error).toBeUndefined();
    expect(outcome.status).toBe("built");
  });

  test("is allowed for a base of that registry where buildkitd allows it too", async () => {
    const allowing = await startBuildkitd({ insecure: [plain] });
    try {
      const spec = { registry: `http://${plain}/base-too`, baseImage: `${plain}/base/empty:1` };
      const outcome = await outcomeOf(spec, optionsFor("unix", allowing.address));
      expect(outcome.error).toBeUndefined();
      expect((await outcomeOf({ ...spec, env: { A: "b" } }, optionsFor("unix"))).error?.code).toBe(
        "BASE_IMAGE_INSECURE",
      );
    } finally {
      await allowing.stop();
    }
  });

  test("is the affair of Docker's engine where that pushes", async () => {
    const spec = { registry: `http://${plain}/engine`, baseImage: empty };
    expect((await outcomeOf(spec, optionsFor("moby-worker"))).error?.code).toBe("PUSH_INSECURE");
  });
});

describe("logins", () => {
  const password = "hunter2-password";

  test.each(["moby-worker", "unix"] as const)("reach %s, and are not told", async (place) => {
    const guarded = await startDockerRegistry({ users: { me: password } });
    const folder = await mkdtemp(join(tmpdir(), "imagespec-login-"));
    try {
      const config = join(folder, "config.json");
      const auth = Buffer.from(`me:${password}`).toString("base64");
      await writeFile(config, JSON.stringify({ auths: { [guarded.host]: { auth } } }));
      const spec = { registry: guarded.host, registryConfig: config, baseImage: empty, copy: ["a.txt"] };
      const first = await build({ name: "guarded", ...spec }, { files, options: optionsFor(place) });
      expect(first.outcome.error).toBeUndefined();
      const second = await build(
        { name: "second", ...spec, baseImage: first.outcome.reference, env: { A: "b" } },
        { files, options: optionsFor(place) },
      );
      expect(second.outcome.error).toBeUndefined();
      expect(JSON.stringify([first, second])).not.toContain(password);
      const { registryConfig: _, ...anonymous } = spec;
      const denied = await build(
        { name: "denied", ...anonymous, registry: registry.host, baseImage: first.outcome.reference },
        { files, options: optionsFor(place) },
      );
      expect(denied.outcome.error?.code).toBe("BASE_IMAGE_DENIED");
    } finally {
      await Promise.all([guarded.stop(), rm(folder, { recursive: true })]);
    }
  });
});

describe("an abort while", () => {
  test.each(["moby-worker", "unix"] as const)("%s pushes ends the push", async (place) => {
    const abort = new AbortController();
    const path = new RegExp(`^/v2/slow-${place}/.*/manifests/`);
    const fault = registry.addFault({ fault: { kind: "delay" }, method: "PUT", path });
    const spec = {
      name: "slow",
      copy: ["a.txt"],
      registry: `${registry.host}/slow-${place}`,
      baseImage: empty,
    };
    const run = build(spec, { files, options: optionsFor(place), signal: abort.signal });
    await fault.reached();
    abort.abort();
    const { outcome } = await run;
    fault.remove();
    expect(outcome.error?.code).toBe("ABORTED");
    expect(registry.tags(`slow-${place}/slow`)).toEqual([]);
  });
});
