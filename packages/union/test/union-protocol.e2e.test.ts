import { Code, ConnectError } from "@connectrpc/connect";
import type { BuildEvent } from "@imagespec/core";
import { BuilderRegistry, createEngine } from "@imagespec/core";
import type { Executor, UnionBackend } from "@imagespec/union-backend";
import { describe, expect, test, vi } from "vitest";
import { union } from "../src/builder.ts";
import { naming, openTestbed, type Parts, placeOf } from "./support/testbed.ts";
import { unionRequest } from "./support/union-request.ts";

const testbed = openTestbed();
const builder = union();
const build = (backend: UnionBackend, parts: Partial<Parts> = {}) =>
  testbed.build({ options: placeOf(backend), ...parts });

const linesOf = (events: readonly BuildEvent[]): string[] =>
  events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));

test("a build: the order of the calls, the page, phases, the log and the name", async () => {
  const backend = await testbed.backend();
  const { result, events } = await build(backend);
  const image = await result;
  expect(image.reference).toMatch(/^registry\.example\/app:[a-z2-7]{26}$/);
  const procedures = backend.procedures();
  expect(procedures.slice(0, 7)).toEqual([
    "TaskService/ListTasks",
    "TaskService/GetTaskDetails",
    "ClusterService/SelectCluster",
    "DataProxyService/CreateUploadLocation",
    "ClusterService/SelectCluster",
    "DataProxyService/UploadInputs",
    "RunService/CreateRun",
  ]);
  expect(procedures.slice(-2)).toEqual(["ClusterService/SelectCluster", "DataProxyService/GetActionData"]);
  const [run] = backend.state.runs.values();
  expect(run?.id.name).toMatch(/^i[a-z2-7]{26}1$/);
  expect(image.metadata?.url).toBe(
    `http://${backend.endpoint}/v2/domain/development/project/proj/runs/${run?.id.name}`,
  );
  expect(linesOf(events)).toEqual(expect.arrayContaining(["👍 Build submitted!"]));
});

test("what was built is there afterwards, under its registry alone", async () => {
  const backend = await testbed.backend();
  const spec = { packages: ["a"], name: "app" };
  const { request, dispose } = await unionRequest(spec, { options: placeOf(backend) });
  testbed.defer(dispose);
  expect(await builder.exists?.(request)).toEqual({ verdict: "absent" });
  const image = await builder.build(request);
  expect(await builder.exists?.(request)).toEqual({
    verdict: "present",
    image: { reference: image.reference },
  });
  const elsewhere = await unionRequest(
    { packages: ["a"], name: "app", registry: "other.example" },
    { options: placeOf(backend) },
  );
  expect(await builder.exists?.(elsewhere.request)).toMatchObject({
    verdict: "absent",
    detail: expect.stringContaining("registry.example"),
  });
});

test("a server that cannot answer knows nothing of the image", async () => {
  const backend = await testbed.backend();
  backend.onCall.current = ({ procedure }) => {
    if (procedure === "ImageService/GetImage") throw new ConnectError("no", Code.PermissionDenied);
  };
  const { request } = await unionRequest({ packages: ["a"] }, { options: placeOf(backend) });
  expect(await builder.exists?.(request)).toMatchObject({ verdict: "unknown", reason: "UNION_NOT_ALLOWED" });
});

describe("servers that differ", () => {
  test.each(["empty", "same", "second", "unimplemented"] as const)("SelectCluster: %s", async (cluster) => {
    const backend = await testbed.backend({ behaviour: { cluster } });
    await (await build(backend)).result;
    const uploads = backend.calls.filter(
      ({ procedure }) => procedure === "DataProxyService/CreateUploadLocation",
    );
    expect(uploads.map(({ listener }) => listener)).toEqual([cluster === "second" ? "second" : "main"]);
  });
  test("inputs go with the run where the server keeps none", async () => {
    const backend = await testbed.backend({ behaviour: { uploadInputs: "unimplemented" } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test.each(["two", "late"] as const)("outputs: %s", async (outputs) => {
    const backend = await testbed.backend({ behaviour: { outputs } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test("recovered is a success", async () => {
    const backend = await testbed.backend({ behaviour: { ending: 10 } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test.each(["drop", "end"] as const)("streams that %s are opened again", async (watch) => {
    let watched = 0;
    const executor: Executor = async (job) => {
      await vi.waitUntil(() => watched > 2, { timeout: 30_000 });
      return naming(job);
    };
    const backend = await testbed.backend({ executor, behaviour: { watch } });
    backend.onCall.current = ({ procedure }) => {
      if (procedure === "RunService/WatchActionDetails") watched += 1;
    };
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
});

describe("one run for one build", () => {
  test("a second call joins the run of the first", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const backend = await testbed.backend({
      executor: async (job) => {
        await gate;
        return naming(job);
      },
    });
    const onEvent = (event: BuildEvent): void => {
      if (event.type === "step-log" && event.line.includes("joined")) release();
    };
    const first = await build(backend, { onEvent });
    const second = await build(backend, { onEvent });
    const both = await Promise.all([first.result, second.result]).finally(release);
    expect(both[0].reference).toBe(both[1].reference);
    expect(backend.state.runs.size).toBe(1);
  });
  test("an answer that was lost starts nothing anew", async () => {
    const backend = await testbed.backend();
    let lost = 0;
    backend.onCall.current = async ({ procedure }) => {
      if (procedure !== "RunService/CreateRun" || lost > 0) return;
      lost += 1;
      throw new ConnectError("too late", Code.DeadlineExceeded);
    };
    await (await build(backend)).result;
    expect([lost, backend.state.runs.size]).toEqual([1, 1]);
  });
  test("a run that has succeeded is used, and under force another one is started", async () => {
    const backend = await testbed.backend();
    await (await build(backend)).result;
    expect((await (await build(backend)).result).metadata).toMatchObject({ joined: true });
    expect(backend.state.runs.size).toBe(1);
    expect((await (await build(backend, { force: true })).result).metadata).toMatchObject({ joined: false });
    expect([...backend.state.runs.keys()].map((name) => name.slice(-1))).toEqual(["1", "2"]);
  });
  test("after a failure the next attempt is another run", async () => {
    let turn = 0;
    const executor: Executor = async (job) => {
      turn += 1;
      if (turn === 1) throw new Error("exit code: 1");
      return naming(job);
    };
    const backend = await testbed.backend({ executor });
    await testbed.failure({ options: placeOf(backend) });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
});

test("what is there under another name does not stand for a build that is forced", async () => {
  const backend = await testbed.backend();
  const builders = new BuilderRegistry().register(union(placeOf(backend)));
  const engine = createEngine({ builders });
  const spec = { name: "app", packages: ["a"], builder: "union" } as const;
  const statuses = [false, false, true].map(
    (force) => async () => (await engine.build([spec], { force }))[0]?.status,
  );
  const seen: unknown[] = [];
  for (const ask of statuses) seen.push(await ask());
  expect(seen).toEqual(["built", "present", "built"]);
  expect(backend.state.runs.size).toBe(2);
});
