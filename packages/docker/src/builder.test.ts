import { afterEach, expect, test, vi } from "vitest";
import { anyPlan, buildRequest } from "../test/support/build-request.ts";
import { type FakeEngine, jsonLines, startFakeEngine } from "../test/support/fake-engine.ts";
import { docker } from "./builder.ts";

const signal = new AbortController().signal;
const bases = new Map();
let fake: FakeEngine | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await fake?.stop();
  fake = undefined;
});

async function useEngine(...parameters: Parameters<typeof startFakeEngine>): Promise<FakeEngine> {
  fake = await startFakeEngine(...parameters);
  vi.stubEnv("DOCKER_HOST", `unix://${fake.socketPath}`);
  return fake;
}

test("a spec's options win over the defaults", () => {
  const builder = docker({ uvImage: "uv:1", micromambaImage: "mamba:1" });
  expect(builder.fingerprintOptions?.({ uvImage: "uv:2" })).toEqual({
    uvImage: "uv:2",
    micromambaImage: "mamba:1",
  });
  expect(builder.fingerprintOptions?.({ uvImage: undefined })).toMatchObject({ uvImage: "uv:1" });
});

test("only what reaches the image is in the fingerprint", () => {
  const builder = docker({ caCertificates: "ca.pem" });
  expect(builder.fingerprintOptions?.({ baseUser: "app", uvImage: undefined })).toEqual({});
});

test("emits a Dockerfile first, and checks without an engine", () => {
  const input = { plan: anyPlan, options: {}, bases };
  expect(docker().emit?.(input)[0]).toMatchObject({
    path: "Dockerfile",
    content: expect.stringContaining("FROM "),
  });
  expect(docker().check?.(input)).toEqual([]);
});

test("probe names the engine and opens a session, as a build does", async () => {
  const { sessions, socketPath } = await useEngine();
  expect(await docker().probe({}, signal)).toEqual({
    available: true,
    version: "20.10.24",
    detail: `unix://${socketPath} (linux/amd64, graphdriver image store)`,
    capabilities: expect.objectContaining({
      localStore: true,
      multiPlatform: { reason: "its image store keeps one platform for each name" },
    }),
  });
  expect(sessions).toHaveLength(1);
  await expect.poll(() => sessions[0]?.destroyed).toBe(true);
});

test.each([
  ["an engine for Windows", { Os: "windows" }, /windows containers/],
  ["an old engine", { ApiVersion: "1.38" }, /older than Docker 18.09/],
])("probe refuses %s with a hint", async (_, parts, reason) => {
  const version = { Version: "1", ApiVersion: "1.41", Os: "linux", Arch: "amd64", ...parts };
  await useEngine({ "GET /version": (_request, response) => response.end(JSON.stringify(version)) });
  expect(await docker().probe({}, signal)).toMatchObject({
    available: false,
    reason: expect.stringMatching(reason),
    hint: expect.stringMatching(/docker/),
  });
});

test("probe takes podman's socket for podman, and says why it is not the first choice", async () => {
  const parts = { Version: "4.3.1", Components: [{ Name: "Podman Engine" }] };
  const version = { ApiVersion: "1.41", Os: "linux", Arch: "amd64", ...parts };
  const { socketPath } = await useEngine({
    "GET /version": (_request, response) => response.end(JSON.stringify(version)),
  });
  expect(await docker().probe({}, signal)).toMatchObject({
    available: true,
    version: "4.3.1",
    detail: expect.stringMatching(`^podman: unix://${socketPath} .*; .* is podman, which has no BuildKit$`),
  });
});

test("probe says what is wrong where no engine answers", async () => {
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
  expect(await docker().probe({}, signal)).toMatchInlineSnapshot(`
    {
      "available": false,
      "hint": "start that engine, or go back to the local one: unset DOCKER_HOST",
      "reason": "no engine answers at unix:///nowhere/docker.sock (DOCKER_HOST)",
    }
  `);
});

test("an image with a registry is not asked of the engine", async () => {
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
  const { request } = buildRequest({ destination: "registry" });
  expect(await docker().exists?.(request)).toBeUndefined();
});

const local = { Id: "sha256:1", Os: "linux", Architecture: "amd64", Config: {} };

test.each([
  ["there", local, { verdict: "present", image: { localId: "sha256:1" } }],
  ["of another platform", { ...local, Architecture: "arm64" }, { missingPlatforms: ["linux/amd64"] }],
])("an image without a registry that is %s", async (_, image, expected) => {
  await useEngine({ "GET /images/test:1/json": (_request, response) => response.end(JSON.stringify(image)) });
  expect(await docker().exists?.(buildRequest({}).request)).toMatchObject(expected);
});

test("an image without a registry that is not there", async () => {
  await useEngine();
  expect(await docker().exists?.(buildRequest({}).request)).toEqual({ verdict: "absent" });
});

test("several platforms are refused before anything is sent", async () => {
  const { requests, sessions } = await useEngine();
  vi.stubEnv("IMAGESPEC_ENGINE", "docker");
  const plan = { ...anyPlan, platforms: ["linux/amd64", "linux/arm64"] };
  await expect(docker().build(buildRequest({ plan }).request)).rejects.toMatchObject({
    code: "PLATFORMS_UNSUPPORTED",
    details: {
      field: "platform",
      hint: expect.stringMatching("^build one platform: --platform linux/amd64;"),
    },
  });
  expect(requests).toEqual(["GET /version?", "GET /info?"]);
  expect(sessions).toEqual([]);
});

test("caches of flyte's variables are asked of the engine, unless the spec has its own", async () => {
  await useEngine();
  vi.stubEnv("IMAGESPEC_ENGINE", "docker");
  vi.stubEnv("FLYTE_DOCKER_BUILDER_CACHE_FROM", "type=local,src=cache");
  vi.stubEnv("FLYTE_DOCKER_BUILDER_CACHE_TO", "type=local,dest=cache");
  await expect(docker().build(buildRequest({}).request)).rejects.toMatchObject({
    code: "ENGINE_OPTION_UNSUPPORTED",
    details: { field: expect.stringMatching(/^builderOptions.docker.cache/) },
  });
  const { request } = buildRequest({ options: { cacheFrom: [], cacheTo: [] } });
  await expect(docker().build(request)).rejects.not.toMatchObject({ code: "ENGINE_OPTION_UNSUPPORTED" });
});

test.each([
  ["succeeds", jsonLines({ id: "moby.image.id", aux: { ID: "sha256:2" } }), true],
  ["fails", jsonLines({ error: "boom" }), false],
])("a build that %s closes its session", async (_, answer, isGood) => {
  const { sessions } = await useEngine({
    "GET /images/docker.io/library/base:1/json": (_request, response) => response.end(JSON.stringify(local)),
    "POST /build": (request, response) => {
      request.resume();
      request.on("end", () => response.end(answer));
    },
  });
  const result = docker().build(buildRequest({}).request);
  if (isGood) expect(await result).toMatchObject({ reference: "test:1", localId: "sha256:2" });
  else await expect(result).rejects.toMatchObject({ code: "BUILD_FAILED" });
  await expect.poll(() => sessions.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test("an abort is told by its reason, before and while it builds", async () => {
  const reason = new Error("ctrl-c");
  const aborted = buildRequest({ signal: AbortSignal.abort(reason) });
  await expect(docker().build(aborted.request)).rejects.toBe(reason);
  const controller = new AbortController();
  const { sessions } = await useEngine({
    "GET /images/docker.io/library/base:1/json": () => controller.abort(reason),
  });
  const { request } = buildRequest({ signal: controller.signal });
  await expect(docker().build(request)).rejects.toBe(reason);
  await expect.poll(() => sessions.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test("the entry loads no engine client", async () => {
  vi.resetModules();
  vi.doMock("docker-modem", () => {
    throw new Error("loaded too early");
  });
  const { docker: fresh } = await import("./index.ts");
  expect(fresh().name).toBe("docker");
  vi.doUnmock("docker-modem");
});
