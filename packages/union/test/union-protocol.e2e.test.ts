import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { type BuildEvent, ImageSpecError } from "@imagespec/core";
import {
  type BackendOptions,
  type Executor,
  startUnionBackend,
  type UnionBackend,
} from "@imagespec/union-backend";
import { afterEach, describe, expect, test, vi } from "vitest";
import { union } from "../src/builder.ts";
import { type RequestParts, unionRequest } from "./support/union-request.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** Builds nothing: these tests are about what goes over the wire. */
const named: Executor = async ({ target, log }) => {
  log("step 1/1");
  return `registry.example/${target}`;
};

async function backendWith(options: Partial<BackendOptions> = {}): Promise<UnionBackend> {
  const backend = await startUnionBackend({ executor: named, ...options });
  cleanUp.push(backend.stop);
  return backend;
}

const placeOf = ({ endpoint }: UnionBackend) => ({
  endpoint,
  insecure: true,
  project: "proj",
  domain: "development",
});
const builder = union();

async function build(backend: UnionBackend, parts: Partial<RequestParts> = {}, spec = {}) {
  const made = await unionRequest(
    { packages: ["a"], name: "app", ...spec },
    { options: placeOf(backend), ...parts },
  );
  cleanUp.push(made.dispose);
  return { ...made, result: builder.build(made.request) };
}

async function failure(result: Promise<unknown>): Promise<ImageSpecError> {
  const error = await result.catch((fault: unknown) => fault);
  if (!ImageSpecError.isInstance(error)) throw new Error(`not an error of ours: ${String(error)}`);
  expect(error.details.hint).toEqual(expect.any(String));
  return error;
}

const linesOf = (events: readonly BuildEvent[]): string[] =>
  events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));

test("a build: the order of the calls, the page, phases, the log and the name", async () => {
  const backend = await backendWith();
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
  const backend = await backendWith();
  const { request, result } = await build(backend);
  expect(await builder.exists?.(request)).toEqual({ verdict: "absent" });
  const image = await result;
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
  const backend = await backendWith();
  backend.onCall.current = ({ procedure }) => {
    if (procedure === "ImageService/GetImage") throw new ConnectError("no", Code.PermissionDenied);
  };
  const { request } = await unionRequest({ packages: ["a"] }, { options: placeOf(backend) });
  expect(await builder.exists?.(request)).toMatchObject({ verdict: "unknown", reason: "UNION_NOT_ALLOWED" });
});

describe("servers that differ", () => {
  test.each(["empty", "same", "second", "unimplemented"] as const)("SelectCluster: %s", async (cluster) => {
    const backend = await backendWith({ behaviour: { cluster } });
    await (await build(backend)).result;
    const uploads = backend.calls.filter(
      ({ procedure }) => procedure === "DataProxyService/CreateUploadLocation",
    );
    expect(uploads.map(({ listener }) => listener)).toEqual([cluster === "second" ? "second" : "main"]);
  });
  test("inputs go with the run where the server keeps none", async () => {
    const backend = await backendWith({ behaviour: { uploadInputs: "unimplemented" } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test.each(["two", "late"] as const)("outputs: %s", async (outputs) => {
    const backend = await backendWith({ behaviour: { outputs } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test("recovered is a success", async () => {
    const backend = await backendWith({ behaviour: { ending: 10 } });
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test.each(["drop", "end"] as const)("streams that %s are opened again", async (watch) => {
    let watched = 0;
    const executor: Executor = async (job) => {
      await vi.waitUntil(() => watched > 2, { timeout: 30_000 });
      return named(job);
    };
    const backend = await backendWith({ executor, behaviour: { watch } });
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
    const backend = await backendWith({
      executor: async (job) => {
        await gate;
        return named(job);
      },
    });
    const first = await build(backend);
    const second = await build(backend, {
      onEvent: (event) => event.type === "step-log" && event.line.includes("joined") && release(),
    });
    const both = await Promise.all([first.result, second.result]).finally(release);
    expect(both[0].reference).toBe(both[1].reference);
    expect(backend.state.runs.size).toBe(1);
  });
  test("an answer that was lost starts nothing anew", async () => {
    const backend = await backendWith();
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
    const backend = await backendWith();
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
      return named(job);
    };
    const backend = await backendWith({ executor });
    await failure((await build(backend)).result);
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
});

describe("uploads", () => {
  const withFiles = async (): Promise<string> => {
    const cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
    cleanUp.push(() => rm(cwd, { recursive: true }));
    await writeFile(path.join(cwd, "a.txt"), "text");
    return cwd;
  };
  test("files go up with their digest and true length", async () => {
    const backend = await backendWith();
    const { result, events } = await build(backend, { cwd: await withFiles() }, { copy: ["a.txt"] });
    await result;
    expect([...backend.state.objects.keys()].map((name) => name.split("/").at(-1))).toEqual([
      "spec.pb",
      "context.tar.gz",
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "context", done: true }));
  });
  test.each([
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "0" } }],
    ["a time-out told as 400", { status: 400, body: "<Error><Code>RequestTimeout</Code></Error>" }],
    ["a connection that is cut", { status: 0, cut: true }],
    ["an expired signature", { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }],
  ])("%s is tried again", async (_about, answer) => {
    const backend = await backendWith();
    backend.onPut.current = (turn) => (turn === 1 ? answer : undefined);
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
  });
  test("a refusal is final and shows no signature", async () => {
    const backend = await backendWith();
    backend.onPut.current = () => ({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" });
    const { result, events } = await build(backend);
    const error = await failure(result);
    expect(error.code).toBe("UNION_UPLOAD_FAILED");
    expect(error.message).toMatchInlineSnapshot(
      `"spec.pb cannot be uploaded: the object store answers 403 (AccessDenied)"`,
    );
    expect(JSON.stringify([error.message, error.details, events])).not.toContain("X-Sig=");
    expect(backend.state.runs.size).toBe(0);
  });
});

describe("failures", () => {
  test("a failed run tells why, where, and the end of its log", async () => {
    const executor: Executor = async ({ log }) => {
      for (let line = 1; line <= 30; line += 1) log(`line ${line}`);
      throw new Error("failed to solve: exit code: 1 of https://host/x?X-Sig=abcdef");
    };
    const backend = await backendWith({ executor });
    const error = await failure((await build(backend)).result);
    expect(error.code).toBe("UNION_BUILD_FAILED");
    expect(error.message).toMatchInlineSnapshot(
      `"the build failed: failed to solve: exit code: 1 of https://host/x?***"`,
    );
    expect(error.details.hint).toContain(
      `http://${backend.endpoint}/v2/domain/development/project/proj/runs/i`,
    );
    expect(error.details.step?.log).toHaveLength(20);
    expect(error.details.step?.log?.at(-1)).toBe("line 30");
  });
  test.each([
    [7, "UNION_BUILD_ABORTED"],
    [8, "UNION_BUILD_TIMED_OUT"],
  ])("a run that ends in phase %i", async (ending, code) => {
    const backend = await backendWith({ behaviour: { ending } });
    expect((await failure((await build(backend)).result)).code).toBe(code);
  });
  test("no output", async () => {
    const backend = await backendWith({ behaviour: { outputs: "missing" } });
    expect((await failure((await build(backend)).result)).code).toBe("UNION_RESULT_MISSING");
  });
  test("a builder that is not enabled uploads nothing", async () => {
    const backend = await backendWith({ behaviour: { enabled: false } });
    expect((await failure((await build(backend)).result)).code).toBe("UNION_BUILDER_DISABLED");
    expect(backend.state.objects.size).toBe(0);
  });
  test("no project", async () => {
    const backend = await backendWith();
    const error = await failure(
      (await build(backend, { options: { endpoint: backend.endpoint, insecure: true } })).result,
    );
    expect(error.code).toBe("UNION_CONFIG_MISSING");
    expect(backend.calls).toEqual([]);
  });
  test.each([
    [Code.PermissionDenied, "UNION_NOT_ALLOWED"],
    [Code.NotFound, "UNION_NOT_FOUND"],
    [Code.InvalidArgument, "UNION_CALL_FAILED"],
  ])("CreateRun answers code %i", async (answer, code) => {
    const backend = await backendWith();
    backend.onCall.current = ({ procedure }) => {
      if (procedure === "RunService/CreateRun") throw new ConnectError("no", answer);
    };
    expect((await failure((await build(backend)).result)).code).toBe(code);
  });
  test("unavailable for a moment", async () => {
    const backend = await backendWith();
    const failed = new Set<string>();
    backend.onCall.current = ({ procedure }) => {
      if (failed.has(procedure) || procedure.includes("Watch")) return;
      failed.add(procedure);
      throw new ConnectError("busy", Code.Unavailable);
    };
    expect((await (await build(backend)).result).reference).toContain("registry.example/app:");
    const ids = backend.calls.slice(0, 2).map(({ header }) => header.get("x-request-id"));
    expect(ids[0]).toBe(ids[1]);
  });
  test("the site of somebody else", async () => {
    const { createServer } = await import("node:http");
    const site = createServer((_request, response) => response.end("<html>hello</html>"));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    cleanUp.push(() => new Promise((resolve) => site.close(() => resolve())));
    const endpoint = `127.0.0.1:${(site.address() as { port: number }).port}`;
    const options = { endpoint, insecure: true, project: "proj", domain: "development" };
    const { request } = await unionRequest({ packages: ["a"] }, { options });
    expect((await failure(builder.build(request))).code).toBe("UNION_ENDPOINT_WRONG");
  });
});

describe("Ctrl-C", () => {
  const steps = [
    "TaskService/ListTasks",
    "DataProxyService/CreateUploadLocation",
    "RunService/CreateRun",
    "RunService/WatchActionDetails",
  ];
  test.each(steps)("at %s", async (step) => {
    const stop = new AbortController();
    const executor: Executor = ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const backend = await backendWith({ executor });
    backend.onCall.current = async ({ procedure }) => {
      if (procedure !== step) return;
      stop.abort();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const { result } = await build(backend, { signal: stop.signal });
    await expect(result).rejects.toMatchObject({ code: "ABORTED" });
    for (const run of backend.state.runs.values()) await expect.poll(() => run.isOver).toBe(true);
  });
});
