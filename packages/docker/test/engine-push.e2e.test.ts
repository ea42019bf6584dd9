import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { BuildEvent, BuildPlan, BuildServices, Credential } from "@imagespec/core";
import {
  type Dockerd,
  type DockerRegistry,
  ensureBaseImages,
  startDockerd,
  startDockerRegistry,
} from "@imagespec/test-services";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { runBuild } from "../src/engine/run-build.ts";
import { anyPlan, buildRequest } from "./support/build-request.ts";
import { fileEntry, handwritten } from "./support/handwritten.ts";
import { inspectWith } from "./support/registry-inspect.ts";

const { dockerHost, registry, baseImages } = inject("services");
const base = baseImages["python-nopip"];
/** Its base64 has `+` and `/`. */
const password = "p?>~+/w";
const alice: Extract<Credential, { kind: "basic" }> = {
  kind: "basic",
  username: "alice",
  password,
  source: "test",
};
let guarded: DockerRegistry;

beforeAll(async () => {
  guarded = await startDockerRegistry({ users: { alice: password }, contents: await ensureBaseImages() });
});

afterAll(() => guarded?.stop());

beforeEach(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

type Parts = Parameters<typeof buildRequest>[0] & { from?: string; lines?: readonly string[] };

/** Builds `from` with these lines and pushes it. */
function push(reference: string, { from = base, lines = [], ...parts }: Parts = {}) {
  const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: from } };
  const { request, events } = buildRequest({ plan, destination: "registry", reference, ...parts });
  return { result: runBuild(request, handwritten([`FROM ${from}`, ...lines])), events };
}

function namedOn(host: string): string {
  return `${host}/pushed/${randomUUID()}:v1`;
}

/** Gives `alice` to the hosts named, and writes down what was asked for. */
function credentialsFor(...hosts: readonly string[]) {
  const asked: string[] = [];
  const credentials: BuildServices["credentials"] = async (repository, access) => {
    asked.push(`${access} ${repository}`);
    return hosts.some((host) => repository.startsWith(`${host}/`)) ? alice : undefined;
  };
  return { asked, credentials };
}

test("an image is pushed, and its digest is what the registry has", async () => {
  const reference = namedOn(registry);
  const { result, events } = push(reference, {
    lines: [`LABEL a=${randomUUID()}`],
    services: { inspect: inspectWith() },
  });
  const { digest, warnings } = await result;
  expect(warnings).toEqual([]);
  expect(await inspectWith()(reference)).toEqual({ verdict: "present", image: { reference, digest } });
  expect(events.at(-1)).toMatchObject({ type: "push-end", image: reference, digest });
  expect(events.some(({ type }) => type === "push-progress")).toBe(true);
});

test("a base and a push that want a login get it, each host its own", async () => {
  const { asked, credentials } = credentialsFor(guarded.host);
  const from = base.replace(registry, guarded.host);
  const reference = namedOn(guarded.host);
  const services = { credentials, inspect: inspectWith(alice) };
  const { result } = push(reference, { from, services, lines: [`LABEL a=${randomUUID()}`] });
  expect((await result).digest).toMatch(/^sha256:/);
  expect(asked).toContain(`pull ${guarded.host}/base/python-nopip`);
  expect(asked).toContain(`push ${reference.replace(/:v1$/, "")}`);
});

test("a login is never sent to another host", async () => {
  const { credentials } = credentialsFor(registry);
  const from = base.replace(registry, guarded.host).replace("nopip", "system");
  const before = (await guarded.log()).length;
  await expect(push(namedOn(registry), { from, services: { credentials } }).result).rejects.toMatchObject({
    code: "BASE_IMAGE_DENIED",
    details: { hint: `docker login ${guarded.host}` },
  });
  const asked = (await guarded.log()).slice(before);
  expect(asked).toContain("base/python-system");
  expect(asked).not.toContain("alice");
});

test.each([
  ["no login", undefined],
  ["a wrong login", { ...alice, password: "wrong-password" }],
])("a push with %s is denied, and says which login would help", async (_, credential) => {
  const { result } = push(namedOn(guarded.host), { services: { credentials: async () => credential } });
  const error = await result.catch((fault: unknown) => fault);
  expect(error).toMatchObject({ code: "PUSH_DENIED", details: { hint: `docker login ${guarded.host}` } });
  expect(JSON.stringify(error)).not.toContain("wrong-password");
});

test("a registry that is not there", async () => {
  await expect(push("127.0.0.1:1/x/y:v1").result).rejects.toMatchObject({ code: "PUSH_UNREACHABLE" });
});

test("a login that cannot be found out is the error, not what the engine makes of it", async () => {
  const fault = new Error("the keychain is locked");
  const credentials = async () => {
    throw fault;
  };
  const from = base.replace(registry, guarded.host).replace("nopip", "venv");
  await expect(push(namedOn(registry), { from, services: { credentials } }).result).rejects.toThrow(
    fault.message,
  );
});

test("an abort during the push leaves no tag", async () => {
  const controller = new AbortController();
  const reason = new Error("ctrl-c");
  const reference = namedOn(registry);
  const emit = (event: BuildEvent) => {
    if (event.type === "push-progress" && event.status === "Pushing") controller.abort(reason);
  };
  const { result } = push(reference, {
    lines: ["COPY random /"],
    context: [fileEntry("random", randomBytes(64 << 20))],
    signal: controller.signal,
    services: { emit },
  });
  await expect(result).rejects.toBe(reason);
  expect(await inspectWith()(reference)).toEqual({ verdict: "absent" });
});

test("an engine over TCP and TLS: session, secret, build and push", async () => {
  const engine: Dockerd = await startDockerd({ listen: "tls" });
  try {
    vi.stubEnv("DOCKER_HOST", engine.dockerHost);
    const script = ["/bin/sh", "-c", "sleep 6; sha256sum /run/token"];
    const lines = [
      `RUN --mount=type=secret,id=token,target=/run/token,required=true ${JSON.stringify(script)}`,
    ];
    const secret = async () => Buffer.from("lent over TLS");
    await expect(push(namedOn(registry)).result).rejects.toMatchObject({ code: "ENGINE_TLS" });
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    vi.stubEnv("DOCKER_CERT_PATH", engine.tls?.certificatePath);
    const reference = namedOn(registry);
    const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: base } };
    const services = { secret, inspect: inspectWith() };
    const { request, events } = buildRequest({ plan, destination: "registry", reference, services });
    const result = await runBuild(request, handwritten([`FROM ${base}`, ...lines], { secrets: ["token"] }));
    expect(result.digest).toMatch(/^sha256:/);
    const sum = createHash("sha256")
      .update(await secret())
      .digest("hex");
    expect(events.filter(({ type }) => type === "step-log")).toMatchObject([
      { line: expect.stringContaining(sum) },
    ]);
  } finally {
    await engine.stop();
  }
});

test("an engine that dies while a step runs is lost", async () => {
  const engine = await startDockerd();
  try {
    vi.stubEnv("DOCKER_HOST", engine.dockerHost);
    const reference = `imagespec-test/${randomUUID()}:1`;
    const { result, events } = push(reference, { destination: "local", lines: ["RUN sleep 600"] });
    const outcome = result.catch((fault: unknown) => fault);
    const isRunning = () =>
      events.some((event) => event.type === "step-start" && event.name.includes("RUN sleep"));
    await expect.poll(isRunning, { timeout: 120_000 }).toBe(true);
    await engine.kill();
    expect(await outcome).toMatchObject({ code: "ENGINE_LOST" });
  } finally {
    await engine.stop();
  }
});
