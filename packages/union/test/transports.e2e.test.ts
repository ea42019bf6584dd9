import type { Executor, UnionBackend } from "@imagespec/union-backend";
import { describe, expect, test, vi } from "vitest";
import type { UnionOptions } from "../src/options.ts";
import { type ProxyOptions, startProxy } from "./support/proxy.ts";
import { clientSecret, openSecuredTestbed } from "./support/secured.ts";
import { built, naming, PLANTED, placeOf } from "./support/testbed.ts";

const testbed = openSecuredTestbed();
const { build, configured, failure, secured, defer } = testbed;

type Case = Readonly<{ backend: UnionBackend; options: UnionOptions }>;
type Way = (executor?: Executor) => Promise<Case>;

async function overTls(protocol: "connect" | "grpc", executor: Executor): Promise<Case> {
  vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
  const backend = await secured({}, { executor, behaviour: { cluster: "second" } });
  const admin = { authType: "ClientSecret", clientId: "cid", clientSecretEnvVar: "TEST_CLIENT_SECRET" };
  return { backend, options: { ...(await configured(backend, admin)), protocol } };
}

async function inPlainText(protocol: "connect" | "grpc", executor: Executor): Promise<Case> {
  const backend = await testbed.backend({ executor, behaviour: { cluster: "second" } });
  return { backend, options: { ...placeOf(backend), protocol } };
}

const ways: readonly [string, Way][] = [
  ["Connect over HTTP/1.1", (executor = naming) => inPlainText("connect", executor)],
  ["gRPC over HTTP/2 in plain text", (executor = naming) => inPlainText("grpc", executor)],
  ["Connect over TLS", (executor = naming) => overTls("connect", executor)],
  ["gRPC over TLS", (executor = naming) => overTls("grpc", executor)],
];

async function behindProxy(options: ProxyOptions = {}) {
  const proxy = await startProxy(options);
  defer(proxy.stop);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) vi.stubEnv(name, proxy.url);
  return proxy;
}

describe.each(ways)("%s", (_about, way) => {
  test("directly", async () => {
    const { backend, options } = await way();
    expect(await (await build({ options })).result).toMatchObject(built);
    const types = new Set(backend.calls.map(({ header }) => header.get("content-type")?.split("/")[1]));
    expect(
      [...types].every((type) => (options.protocol === "grpc") === (type ?? "").startsWith("grpc")),
    ).toBe(true);
  });

  test("by a proxy that wants a login: calls, clusters, tokens and uploads", async () => {
    const proxy = await behindProxy({ login: `user:${PLANTED}` });
    const { backend, options } = await way();
    expect(await (await build({ options })).result).toMatchObject(built);
    expect(new Set(proxy.asked)).toEqual(new Set([backend.endpoint, backend.second]));
  });

  test("by a proxy that drops idle connections", async () => {
    const proxy = await behindProxy({ idle: 300 });
    const quiet: Executor = async (job) => {
      await vi.waitUntil(() => proxy.dropped() > 2, { timeout: 30_000 });
      return naming(job);
    };
    const { backend, options } = await way(quiet);
    expect(await (await build({ options })).result).toMatchObject(built);
    expect(backend.state.runs.size).toBe(1);
  });

  test("not by the proxy, where NO_PROXY names the host", async () => {
    const proxy = await behindProxy();
    vi.stubEnv("NO_PROXY", "localhost");
    const { options } = await way();
    expect(await (await build({ options })).result).toMatchObject(built);
    expect(proxy.asked).toEqual([]);
  });

  test("a proxy that lets nobody in", async () => {
    const proxy = await behindProxy({ login: `user:${PLANTED}` });
    vi.stubEnv("HTTP_PROXY", proxy.url.replace(PLANTED, `${PLANTED}-wrong`));
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace(PLANTED, `${PLANTED}-wrong`));
    const { options } = await way();
    expect(await failure({ options })).toMatchObject({
      code: "UNION_PROXY_REFUSED",
      message: expect.stringMatching(/the proxy 127\.0\.0\.1:\d+ answers 407/),
    });
  });
});

test("a proxy of another kind", async () => {
  vi.stubEnv("HTTP_PROXY", `socks5://user:${PLANTED}@127.0.0.1:1`);
  expect((await failure({ options: placeOf(await testbed.backend()) })).code).toBe("UNION_PROXY_INVALID");
});
