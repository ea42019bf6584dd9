import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { anyPlan } from "../../../test/support/build-request.ts";
import { portOf } from "../../../test/support/fake-engine.ts";
import { UV_WHEELS } from "../../dockerfile/index.ts";
import { fetchUv } from "./fetch-uv.ts";

const signal = new AbortController().signal;
const wheel = UV_WHEELS.x86_64![0]!;
let cache = "";
let server: http.Server;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "imagespec-cache-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
  server = http.createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(request.url === "/simple/uv/" ? `<a href="/files/${wheel.file}">x</a>` : "not the wheel");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
  await rm(cache, { recursive: true, force: true });
});

function order(index: string, platform = "linux/amd64") {
  const step = { kind: "requirements", index: { index, extraIndexes: [], extraArguments: [] } } as const;
  return { plan: { ...anyPlan, steps: [step] }, platform, secrets: new Map(), signal };
}

test("a wheel that is not the pinned one is refused", async () => {
  const found = createHash("sha256").update("not the wheel").digest("hex");
  expect(found).not.toBe(wheel.sha256);
  await expect(fetchUv(order(`http://127.0.0.1:${portOf(server)}/simple`))).rejects.toMatchObject({
    code: "UV_UNAVAILABLE",
    message: expect.stringContaining("its sha256 is another"),
    details: { field: "baseImage", hint: expect.stringContaining("uvImage") },
  });
});

test("an index that is not there, and a platform that has no uv", async () => {
  await expect(fetchUv(order("http://127.0.0.1:1/simple"))).rejects.toMatchObject({ code: "UV_UNAVAILABLE" });
  await expect(fetchUv(order("http://127.0.0.1:1/simple", "linux/s390x"))).rejects.toMatchObject({
    message: expect.stringContaining("there is no uv for linux/s390x"),
  });
});

test("an abort is told by its reason", async () => {
  const reason = new Error("ctrl-c");
  const aborted = { ...order("http://127.0.0.1:1/simple"), signal: AbortSignal.abort(reason) };
  await expect(fetchUv(aborted)).rejects.toBe(reason);
});
