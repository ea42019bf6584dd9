import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Behaviour, Executor, UnionBackend } from "@imagespec/union-backend";
import { describe, expect, test } from "vitest";
import { built, openTestbed, type Parts, placeOf } from "./support/testbed.ts";

const testbed = openTestbed();
const build = (backend: UnionBackend, parts: Partial<Parts> = {}) =>
  testbed.build({ options: placeOf(backend), ...parts });
const failureOf = (backend: UnionBackend, parts: Partial<Parts> = {}) =>
  testbed.failure({ options: placeOf(backend), ...parts });
const place = { insecure: true, project: "proj", domain: "development" };

describe("addresses", () => {
  const site = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    testbed.defer(() => new Promise((resolve) => server.close(resolve)));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  test.each<[string, RequestListener, string]>([
    [
      "the site of somebody else",
      (_, response) => response.end("<html>hello</html>"),
      "UNION_ENDPOINT_WRONG",
    ],
    [
      "a site without that page",
      (_, response) => response.writeHead(404).end("<html>"),
      "UNION_ENDPOINT_WRONG",
    ],
    ["a proxy's answer of nothing", (_, response) => response.writeHead(204).end(), "UNION_ENDPOINT_WRONG"],
    [
      "a redirect",
      (_, response) => response.writeHead(302, { location: "/x" }).end(),
      "UNION_ENDPOINT_WRONG",
    ],
  ])("%s", async (_about, answer, code) => {
    expect((await testbed.failure({ options: { ...place, endpoint: await site(answer) } })).code).toBe(code);
  });

  test("where nobody listens", async () => {
    const backend = await testbed.backend();
    await backend.stop();
    expect((await failureOf(backend)).code).toBe("UNION_UNREACHABLE");
  });

  test("a host that does not exist", async () => {
    const options = { ...place, endpoint: "union.invalid:8090" };
    expect((await testbed.failure({ options })).code).toBe("UNION_UNREACHABLE");
  });

  test("plain text where TLS is spoken", async () => {
    const backend = await testbed.backend();
    const options = { ...placeOf(backend), insecure: false };
    expect((await testbed.failure({ options })).code).toMatch(/^UNION_(UNREACHABLE|ENDPOINT_WRONG)$/);
  });
});

describe("failures", () => {
  test("a failed run tells why, where, and the end of its log", async () => {
    const executor: Executor = async ({ log }) => {
      for (let line = 1; line <= 30; line += 1) log(`line ${line}`);
      throw new Error("failed to solve: exit code: 1 of https://host/x?X-Sig=abcdef");
    };
    const backend = await testbed.backend({ executor });
    const error = await failureOf(backend);
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
  test.each<[string, Partial<Behaviour>, string, RegExp]>([
    ["fails", { ending: 6 }, "UNION_BUILD_FAILED", /ended by the backend/],
    ["is aborted by somebody else", { ending: 7 }, "UNION_BUILD_ABORTED", /ended by the backend/],
    ["times out", { ending: 8 }, "UNION_BUILD_TIMED_OUT", /ended by the backend/],
    ["gives its reason late", { ending: 6, reasonAfter: 3 }, "UNION_BUILD_FAILED", /ended by the backend/],
    ["never gives a reason", { ending: 6, reasonAfter: 1000 }, "UNION_BUILD_FAILED", /gives no reason/],
    ["has no output", { outputs: "missing" }, "UNION_RESULT_MISSING", /does not name its image/],
  ])("a run that %s", async (_about, behaviour, code, message) => {
    const backend = await testbed.backend({ behaviour });
    const error = await failureOf(backend);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.details.hint).toContain(
      `http://${backend.endpoint}/v2/domain/development/project/proj/runs/i`,
    );
    expect(error.details.step?.log).toContain("step 1/1");
    expect(backend.state.runs.size).toBe(1);
  });

  test("a run that is paused for a while", async () => {
    const backend = await testbed.backend({ behaviour: { pause: true } });
    const { result, events } = await build(backend);
    expect(await result).toMatchObject(built);
    expect(events).toContainEqual(expect.objectContaining({ type: "step-start", name: "paused" }));
  });

  test("a builder that is not enabled uploads nothing", async () => {
    const backend = await testbed.backend({ behaviour: { enabled: false } });
    expect((await failureOf(backend)).code).toBe("UNION_BUILDER_DISABLED");
    expect(backend.state.objects.size).toBe(0);
  });
  test("no project", async () => {
    const backend = await testbed.backend();
    const error = await failureOf(backend, { options: { endpoint: backend.endpoint, insecure: true } });
    expect(error.code).toBe("UNION_CONFIG_MISSING");
    expect(backend.calls).toEqual([]);
  });
  describe.each([
    "TaskService/ListTasks",
    "ClusterService/SelectCluster",
    "DataProxyService/CreateUploadLocation",
    "DataProxyService/UploadInputs",
    "RunService/CreateRun",
    "RunService/WatchActionDetails",
    "DataProxyService/GetActionData",
  ])("%s answers", (refused) => {
    test.each<readonly [Code, string]>([
      [Code.PermissionDenied, "UNION_NOT_ALLOWED"],
      [Code.Unauthenticated, "UNION_SIGN_IN_FAILED"],
      [Code.InvalidArgument, "UNION_CALL_FAILED"],
      ...(/List|GetActionData/.test(refused) ? [] : [[Code.NotFound, "UNION_NOT_FOUND"] as const]),
    ])("code %i", async (answer, code) => {
      const backend = await testbed.backend();
      backend.onCall.current = ({ procedure }) => {
        if (procedure === refused) throw new ConnectError("see https://host/x?X-Sig=abc", answer);
      };
      const error = await failureOf(backend);
      expect(error.code).toBe(code);
      expect(backend.state.runs.size).toBe(/Watch|GetActionData/.test(refused) ? 1 : 0);
    });
  });

  test("a task that is listed and gone", async () => {
    const backend = await testbed.backend();
    backend.onCall.current = ({ procedure }) => {
      if (procedure === "TaskService/GetTaskDetails") throw new ConnectError("gone", Code.NotFound);
    };
    expect((await failureOf(backend)).code).toBe("UNION_BUILDER_DISABLED");
    expect(backend.state.objects.size).toBe(0);
  });
  test("unavailable for a moment", async () => {
    const backend = await testbed.backend();
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
});
