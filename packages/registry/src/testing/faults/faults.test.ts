import { Agent } from "node:http";
import { expect, test } from "vitest";
import { digestOf } from "../store/digest.ts";
import { type Running, running } from "../test-support/running.ts";
import type { Fault } from "./fault.ts";

const content = "0123456789";
const digest = digestOf(content);
const path = `/v2/org/app/blobs/${digest}`;

async function withFault(fault: Fault): Promise<Running> {
  const server = await running({ faults: [{ fault, path }] });
  server.registry.putBlob("org/app", content);
  return server;
}

test("a status, as an error of the registry or with any body", async () => {
  const { ask } = await withFault({
    kind: "status",
    status: 503,
    code: "DENIED",
    message: "closed",
    headers: { "X-A": "b" },
  });
  const text = '{"errors":[{"code":"DENIED","message":"closed"}]}';
  expect(await ask(`GET ${path}`)).toMatchObject({ status: 503, text, headers: { "x-a": "b" } });
  expect((await ask("GET /v2/")).status).toBe(200);
  const other = await withFault({ kind: "status", status: 404, body: "no such page" });
  expect(await other.ask(`GET ${path}`)).toMatchObject({
    status: 404,
    text: "no such page",
    headers: { "content-length": "12" },
  });
});

test("a replaced request has no effect", async () => {
  const { registry, ask } = await withFault({ kind: "status", status: 500 });
  expect((await ask(`DELETE ${path}`)).status).toBe(500);
  expect(registry.blob("org/app", digest)).toBeDefined();
});

test("a web page instead of a blob", async () => {
  const { ask } = await withFault({ kind: "html" });
  const page = await ask(`GET ${path}`);
  expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
  expect(page.text).toContain("<!doctype html>");
});

test.each([
  [120, "120"],
  ["Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"],
  [undefined, undefined],
])("429 with Retry-After %s", async (retryAfter, expected) => {
  const { ask } = await withFault({
    kind: "rate-limit",
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  const { status, headers, codes } = await ask(`GET ${path}`);
  expect([status, codes, headers["retry-after"]]).toEqual([429, ["TOOMANYREQUESTS"], expected]);
});

test("a redirect", async () => {
  const { ask } = await withFault({ kind: "redirect", location: "http://127.0.0.1:1/elsewhere" });
  expect(await ask(`GET ${path}`)).toMatchObject({
    status: 307,
    headers: { location: "http://127.0.0.1:1/elsewhere" },
  });
});

test("a connection that closes without an answer", async () => {
  const { ask } = await withFault({ kind: "drop" });
  await expect(ask(`GET ${path}`)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test.each([
  ["half of it", undefined, "01234"],
  ["nothing", 0, ""],
  ["two bytes", 2, "01"],
])("a body cut after %s", async (_, afterBytes, arrived) => {
  const { registry } = await withFault({ kind: "cut", ...(afterBytes === undefined ? {} : { afterBytes }) });
  const answer = await fetch(`${registry.url}${path}`);
  expect([answer.status, answer.headers.get("content-length")]).toEqual([200, "10"]);
  const received: Uint8Array[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of answer.body ?? []) received.push(chunk);
  };
  await expect(read()).rejects.toThrow();
  expect(Buffer.concat(received).toString()).toBe(arrived);
});

test("another digest", async () => {
  const { ask } = await withFault({ kind: "wrong-digest" });
  const other = (await ask(`HEAD ${path}`)).headers["docker-content-digest"];
  expect(other).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(other).not.toBe(digest);
  const named = await withFault({ kind: "wrong-digest", digest: "nonsense" });
  expect((await named.ask(`GET ${path}`)).headers["docker-content-digest"]).toBe("nonsense");
});

test("missing headers, those of the transport too", async () => {
  const { ask } = await withFault({
    kind: "missing-headers",
    names: ["docker-content-digest", "CONTENT-LENGTH", "date"],
  });
  for (const method of ["GET", "HEAD"]) {
    const { status, headers, text } = await ask(`${method} ${path}`);
    expect([status, text]).toEqual([200, method === "GET" ? content : ""]);
    expect(headers["docker-content-digest"] ?? headers["content-length"] ?? headers.date).toBeUndefined();
    expect(headers.etag).toBe(`"${digest}"`);
  }
});

test("other headers", async () => {
  const { ask } = await withFault({
    kind: "headers",
    headers: { "content-TYPE": "text/html", Warning: ["299 - a", "299 - b"] },
  });
  const { headers, text } = await ask(`GET ${path}`);
  expect([headers["content-type"], headers.warning, text]).toEqual([
    "text/html",
    "299 - a, 299 - b",
    content,
  ]);
});

test("a header of ten megabytes", async () => {
  const { registry, ask } = await withFault({ kind: "huge-headers" });
  await expect(ask(`GET ${path}`)).rejects.toMatchObject({ code: "HPE_HEADER_OVERFLOW" });
  registry.clearFaults();
  registry.addFault({ fault: { kind: "huge-headers", bytes: 100 } });
  expect((await ask(`GET ${path}`)).headers["x-padding"]).toHaveLength(100);
});

test("a body without end goes on until the client leaves", async () => {
  const { registry } = await withFault({ kind: "endless-body" });
  const answer = await fetch(`${registry.url}${path}`);
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > 10_000_000) break;
  }
  expect(answer.headers.get("content-length")).toBeNull();
  expect(size).toBeGreaterThan(10_000_000);
});

test("a delayed answer comes when it is released", async () => {
  const { registry, ask } = await running();
  registry.putBlob("org/app", content);
  const delay = registry.addFault({ fault: { kind: "delay" }, path });
  const answers = [ask(`GET ${path}`), ask(`GET ${path}`)];
  await delay.reached(2);
  expect(delay.hits.map(({ status }) => status)).toEqual([undefined, undefined]);
  expect((await ask("GET /v2/")).status).toBe(200);
  delay.release();
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual([content, content]);
  expect((await ask(`GET ${path}`)).status).toBe(200);
});

test("a rule that is taken out lets go of what it held", async () => {
  const { registry, ask } = await running();
  const delay = registry.addFault({ fault: { kind: "delay" } });
  const held = ask("GET /v2/");
  await delay.reached();
  delay.remove();
  expect((await held).status).toBe(200);
  expect((await ask("GET /v2/")).status).toBe(200);
  expect(delay.hits).toHaveLength(1);
});

test("rules meet the requests that they are for, the first that matches wins, and each counts", async () => {
  const { registry, ask } = await running();
  const status = (code: number): Fault => ({ kind: "status", status: code });
  registry.addFault({ fault: status(501), path: "/v2/", nth: 2 });
  registry.addFault({ fault: status(502), method: ["HEAD", "GET"], path: /^\/v2\/$/, nth: [2, 3] });
  registry.addFault({ fault: status(503), when: ({ headers }) => headers["x-broken"] !== undefined });
  const statuses: number[] = [];
  for (const target of ["GET /v2/?a=b", "GET /v2/", "HEAD /v2/", "GET /v2/"])
    statuses.push((await ask(target)).status);
  expect(statuses).toEqual([200, 501, 502, 200]);
  expect((await ask("GET /v2/", { headers: { "x-broken": "1" } })).status).toBe(503);
  expect(registry.requests.map((request) => request.status)).toEqual([...statuses, 503]);
});

test("a refused upload leaves its connection usable", async () => {
  const { registry, ask } = await running();
  registry.addFault({ fault: { kind: "status", status: 401 }, method: "POST" });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = Buffer.alloc(1_000_000);
  expect((await ask("POST /v2/a/blobs/uploads/?digest=x", { agent, body })).status).toBe(401);
  expect((await ask("GET /v2/", { agent })).status).toBe(200);
  expect(registry.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  agent.destroy();
});

test("a rule that cannot be sent is seen", async () => {
  const { ask } = await withFault({ kind: "headers", headers: { "X-Bad": "a\nb" } });
  const { status, text } = await ask(`GET ${path}`);
  expect(status).toBe(500);
  expect(text).toContain("Invalid character in header content");
});
