import { Code, ConnectError } from "@connectrpc/connect";
import type { Behaviour, Executor, UnionBackend } from "@imagespec/union-backend";
import { describe, expect, test, vi } from "vitest";
import { startProxy } from "./support/proxy.ts";
import { built, naming, openTestbed, type Parts, placeOf } from "./support/testbed.ts";

const testbed = openTestbed();
const impatient = { call: 2_000, ping: 300, firstMessage: 300, silence: 300, reopen: 50, poll: 100 };
const build = (backend: UnionBackend, parts: Partial<Parts> = {}) =>
  testbed.build({ options: placeOf(backend), limits: impatient, ...parts });

/** Builds until the stream was asked for so often. */
function watchedFor(times: number, behaviour: Partial<Behaviour> = {}): Promise<UnionBackend> {
  let watched = 0;
  const executor: Executor = async (job) => {
    await vi.waitUntil(() => watched >= times, { timeout: 60_000 });
    return naming(job);
  };
  const made = testbed.backend({ executor, behaviour });
  void made.then((backend) => {
    backend.onCall.current = ({ procedure }) => {
      if (/WatchActionDetails|GetActionDetails/.test(procedure)) watched += 1;
    };
  });
  return made;
}

describe("a stream that", () => {
  test.each([
    ["is dropped every 200 ms", "drop", 4],
    ["ends early", "end", 4],
    ["says nothing more", "silent", 4],
    ["never says anything", "mute", 7],
    ["is refused", "refuse", 7],
  ] as const)("%s", async (_about, watch, times) => {
    const backend = await watchedFor(times, { watch });
    expect(await (await build(backend)).result).toMatchObject(built);
    expect(backend.state.runs.size).toBe(1);
  });

  test("lies in a connection that is dead, and nobody told", async () => {
    const proxy = await startProxy();
    testbed.defer(proxy.stop);
    vi.stubEnv("HTTP_PROXY", proxy.url);
    let isDead = false;
    const backend = await watchedFor(3);
    const count = backend.onCall.current;
    backend.onCall.current = async (call) => {
      await count(call);
      if (isDead || !call.procedure.includes("Watch")) return;
      isDead = true;
      proxy.freeze();
    };
    const options = { ...placeOf(backend), protocol: "grpc" } as const;
    expect(await (await build(backend, { options })).result).toMatchObject(built);
    expect(isDead).toBe(true);
  });
});

test("a server that answers for no run any more is one error, which names the run", async () => {
  const backend = await watchedFor(Number.POSITIVE_INFINITY, { watch: "refuse" });
  const count = backend.onCall.current;
  backend.onCall.current = async (call) => {
    if (call.procedure === "RunService/GetActionDetails") throw new ConnectError("gone", Code.Unknown);
    await count(call);
  };
  const error = await testbed.failure({ options: placeOf(backend), limits: impatient });
  expect(error).toMatchObject({
    code: "UNION_WATCH_LOST",
    details: { hint: expect.stringContaining("/runs/i"), step: { log: expect.any(Array) } },
  });
});

test("an answer to CreateRun that comes too late", async () => {
  const backend = await testbed.backend({ behaviour: { createLate: true } });
  const { result } = await build(backend);
  expect(await result).toMatchObject({ ...built, metadata: { joined: false } });
  expect(backend.state.runs.size).toBe(1);
});

test("logs that come late, and the whole of them", async () => {
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
  const executor: Executor = async (job) => {
    for (const line of lines) job.log(line);
    return naming(job);
  };
  const backend = await testbed.backend({ executor, behaviour: { logsMissing: 1 } });
  const { result, events } = await build(backend);
  await result;
  const told = events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));
  expect(told).toEqual(expect.arrayContaining(lines));
});

test("logs that cannot be had do not fail a build", async () => {
  const backend = await testbed.backend();
  backend.onCall.current = ({ procedure }) => {
    if (procedure === "DataProxyService/TailLogs") throw new Error("no logs");
  };
  const { result, events } = await build(backend);
  expect(await result).toMatchObject(built);
  expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "UNION_LOG_UNAVAILABLE" }));
});
