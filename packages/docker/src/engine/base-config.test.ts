import type { BuildEvent } from "@imagespec/core";
import { afterEach, expect, test } from "vitest";
import { buildRequest } from "../../test/support/build-request.ts";
import { traceMessage } from "../../test/support/encode-trace.ts";
import { type Answers, type FakeEngine, jsonLines, startFakeEngine } from "../../test/support/fake-engine.ts";
import { type BaseOrder, findBaseConfig } from "./base-config.ts";
import { dockerEngine } from "./drivers/docker-driver.ts";
import { HostLogins } from "./host-logins.ts";

const name = "docker.io/library/base:1";
const config = {
  User: "app",
  Env: ["A=b=c", "B="],
  WorkingDir: "/w",
  Entrypoint: ["/e"],
  Cmd: null,
  Labels: { l: "1" },
};
const image = { Id: "sha256:1", Os: "linux", Architecture: "amd64", Config: config };
const built = { Id: "sha256:2", Os: "linux", Architecture: "arm64", Config: { User: "", Labels: null } };
let fake: FakeEngine | undefined;

afterEach(async () => {
  await fake?.stop();
});

async function find(answers: Answers, parts: Partial<BaseOrder> = {}) {
  fake = await startFakeEngine(answers);
  const events: BuildEvent[] = [];
  const emit = (event: BuildEvent) => events.push(event);
  const signal = new AbortController().signal;
  const platforms = ["linux/amd64"];
  const order = { image: "app:1", base: name, platforms, proxies: {}, emit, signal, ...parts };
  const result = await findBaseConfig(await openEngine(fake), order);
  return { result, events, requests: fake.requests.map((request) => request.replace(/\?.*/s, "")) };
}

async function openEngine(fake: FakeEngine) {
  const facts = { version: "20.10.24", platform: "linux/amd64", store: "graphdriver" } as const;
  const found = dockerEngine(fake.engine, facts);
  const { request } = buildRequest({});
  const logins = new HostLogins([], request.services.credentials);
  const lent = { request, images: [name], secrets: new Map(), logins, environment: {} };
  return { found, engine: await found.open(lent) };
}

const json =
  (value: unknown): Answers[string] =>
  (_, response) =>
    response.end(JSON.stringify(value));
const inspecting: Answers = {
  "POST /build": (request, response) => {
    request.resume();
    const step = (digest: string, title: string) => ({ digest, name: title, started: 1, completed: 2 });
    const vertices = [step("a", "[1/1] FROM base"), step("b", "exporting to image")];
    const trace = traceMessage({ vertices, statuses: [{ id: "layer", vertex: "a", current: 1 }] });
    request.on("end", () => response.end(jsonLines(trace, { id: "moby.image.id", aux: { ID: "sha256:2" } })));
  },
  "GET /images/sha256:2/json": json(built),
  "DELETE /images/sha256:2": json([]),
};

test("the image that the engine has counts, before what a registry says", async () => {
  const known = { env: {}, labels: {}, user: "other" };
  const { result, requests } = await find({ [`GET /images/${name}/json`]: json(image) }, { known });
  expect(requests).toEqual([`GET /images/${name}/json`]);
  expect(result).toEqual({
    user: "app",
    env: { A: "b=c", B: "" },
    workingDir: "/w",
    entrypoint: ["/e"],
    cmd: undefined,
    labels: { l: "1" },
    os: "linux",
    architecture: "amd64",
  });
});

test("what a registry says counts where the engine has no such image", async () => {
  const known = { env: {}, labels: {}, user: "other" };
  expect((await find({}, { known })).result).toBe(known);
});

test("else it is read off a build of the base alone, which is removed", async () => {
  const answers = { ...inspecting, [`GET /images/${name}/json`]: json(image) };
  const { result, requests, events } = await find(answers, { platforms: ["linux/arm64"] });
  expect(result).toMatchObject({ user: "", architecture: "arm64" });
  expect(requests).toEqual([
    `GET /images/${name}/json`,
    "POST /build",
    "GET /images/sha256:2/json",
    "DELETE /images/sha256:2",
  ]);
  expect(new URL(fake!.requests[1]!.slice(5), "http://engine").searchParams.has("t")).toBe(false);
  expect(events.map(({ type }) => type)).toEqual(["step-start", "step-progress", "step-end"]);
});

test("it is removed also where the build that wants it is aborted meanwhile", async () => {
  const controller = new AbortController();
  const reason = new Error("ctrl-c");
  const answers = { ...inspecting, "GET /images/sha256:2/json": () => controller.abort(reason) };
  await expect(find(answers, { signal: controller.signal })).rejects.toBe(reason);
  expect(fake?.requests.at(-1)).toBe("DELETE /images/sha256:2?");
});
