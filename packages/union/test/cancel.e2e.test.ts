import type { Executor } from "@imagespec/union-backend";
import { describe, expect, test } from "vitest";
import { openTestbed, placeOf } from "./support/testbed.ts";

const testbed = openTestbed();

/** Builds until it is stopped. */
const endless: Executor = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

const aborted = { code: "ABORTED" };

describe("Ctrl-C at", () => {
  test.each([
    "TaskService/ListTasks",
    "TaskService/GetTaskDetails",
    "ClusterService/SelectCluster",
    "DataProxyService/CreateUploadLocation",
    "DataProxyService/UploadInputs",
    "RunService/CreateRun",
    "RunService/WatchActionDetails",
    "DataProxyService/TailLogs",
  ])("%s", async (step) => {
    const stop = new AbortController();
    const backend = await testbed.backend({ executor: endless });
    backend.onCall.current = async ({ procedure }) => {
      if (procedure !== step) return;
      stop.abort();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const { result } = await testbed.build({ options: placeOf(backend), signal: stop.signal });
    await expect(result).rejects.toMatchObject(aborted);
    for (const run of backend.state.runs.values()) await expect.poll(() => run.isOver).toBe(true);
  });

  test("an upload", async () => {
    const stop = new AbortController();
    const backend = await testbed.backend({ executor: endless });
    backend.onPut.current = () => {
      stop.abort();
      return { status: 503 };
    };
    const { result } = await testbed.build({ options: placeOf(backend), signal: stop.signal });
    await expect(result).rejects.toMatchObject(aborted);
    expect(backend.state.runs.size).toBe(0);
  });

  test("the result of a run that has ended", async () => {
    const stop = new AbortController();
    const backend = await testbed.backend();
    backend.onCall.current = ({ procedure }) => {
      if (procedure === "DataProxyService/GetActionData") stop.abort();
    };
    const { result } = await testbed.build({ options: placeOf(backend), signal: stop.signal });
    await expect(result).rejects.toMatchObject(aborted);
  });

  test("the start, before anything was asked", async () => {
    const backend = await testbed.backend();
    const { result } = await testbed.build({ options: placeOf(backend), signal: AbortSignal.abort() });
    await expect(result).rejects.toMatchObject(aborted);
    expect(backend.state.objects.size).toBe(0);
  });
});

test("who joined a run leaves it to the one that started it", async () => {
  const backend = await testbed.backend({ executor: endless });
  const first = new AbortController();
  const started = await testbed.build({ options: placeOf(backend), signal: first.signal });
  await expect.poll(() => backend.state.runs.size).toBe(1);
  const second = new AbortController();
  const joined = await testbed.build({
    options: placeOf(backend),
    signal: second.signal,
    onEvent: (event) => event.type === "step-log" && event.line.includes("joined") && second.abort(),
  });
  await expect(joined.result).rejects.toMatchObject(aborted);
  const [run] = backend.state.runs.values();
  expect(run?.isOver).toBe(false);
  first.abort();
  await expect(started.result).rejects.toMatchObject({
    ...aborted,
    details: { hint: expect.stringContaining(`/runs/${run?.id.name}`) },
  });
  await expect.poll(() => run?.isOver).toBe(true);
});
