import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { UnionBackend } from "@imagespec/union-backend";
import { describe, expect, test } from "vitest";
import { built, openTestbed, type Parts, placeOf } from "./support/testbed.ts";

const testbed = openTestbed();
const build = (backend: UnionBackend, parts: Partial<Parts> = {}) =>
  testbed.build({ options: placeOf(backend), ...parts });

const withFiles = async (content: string | Buffer = "text"): Promise<string> => {
  const cwd = await testbed.folder();
  await writeFile(path.join(cwd, "a.txt"), content);
  return cwd;
};

const accessDenied = { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };

test("files go up with their digest and true length", async () => {
  const backend = await testbed.backend();
  const { result, events } = await build(backend, { cwd: await withFiles(), spec: { copy: ["a.txt"] } });
  await result;
  expect([...backend.state.objects.keys()].map((name) => name.split("/").at(-1))).toEqual([
    "spec.pb",
    "context.tar.gz",
  ]);
  expect(events).toContainEqual(expect.objectContaining({ type: "context", done: true }));
});

test("whatever its size, a context arrives whole", async () => {
  const { randomBytes } = await import("node:crypto");
  const cwd = await withFiles(randomBytes(8 * 1024 * 1024));
  const backend = await testbed.backend();
  for (let turn = 0; turn < 3; turn += 1) {
    const spec = { copy: ["a.txt"], env: { TURN: String(turn) } };
    expect(await (await build(backend, { cwd, spec })).result).toMatchObject(built);
  }
  expect(backend.calls.filter(({ procedure }) => procedure.endsWith("CreateUploadLocation"))).toHaveLength(6);
});

test("a context that is large is told of", async () => {
  const { randomBytes } = await import("node:crypto");
  const cwd = await withFiles(randomBytes(6 * 1024 * 1024));
  const { result, events } = await build(await testbed.backend(), { cwd, spec: { copy: ["a.txt"] } });
  await result;
  expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "UNION_CONTEXT_LARGE" }));
});

describe("is tried again", () => {
  test.each([
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "0" } }],
    [
      "a date of a clock that is years ahead",
      {
        status: 503,
        headers: { date: "Mon, 01 Jan 2096 00:00:00 GMT", "retry-after": "Mon, 01 Jan 2096 00:00:00 GMT" },
      },
    ],
    ["429", { status: 429 }],
    ["408", { status: 408 }],
    ["a time-out told as 400", { status: 400, body: "<Error><Code>RequestTimeout</Code></Error>" }],
    ["a connection that is cut", { status: 0, cut: true }],
    ["a refusal that a new signature mends", accessDenied],
  ])("%s", async (_about, answer) => {
    const backend = await testbed.backend();
    backend.onPut.current = (turn) => (turn === 1 ? answer : undefined);
    expect(await (await build(backend)).result).toMatchObject(built);
    expect(backend.state.runs.size).toBe(1);
  });

  test("a context that is cut halfway", async () => {
    const { randomBytes } = await import("node:crypto");
    const cwd = await withFiles(randomBytes(2 * 1024 * 1024));
    const backend = await testbed.backend();
    backend.onPut.current = (turn) => (turn === 2 ? { status: 0, cut: true } : undefined);
    const { result } = await build(backend, { cwd, spec: { copy: ["a.txt"] } });
    expect(await result).toMatchObject(built);
  });

  test("a signature that ends between the location and the upload", async () => {
    const backend = await testbed.backend({ behaviour: { signedFor: -1 } });
    backend.onCall.current = ({ procedure, turn }) => {
      if (procedure === "DataProxyService/CreateUploadLocation" && turn === 2)
        backend.behaviour.signedFor = 60;
    };
    expect(await (await build(backend)).result).toMatchObject(built);
  });
});

describe("is refused, once and for all", () => {
  test.each([
    ["a refusal", accessDenied, "the object store answers 403 (AccessDenied)"],
    ["a store that stays busy", { status: 503 }, "the object store answers 503"],
    [
      "a digest that differs",
      { status: 400, body: "<Error><Code>BadDigest</Code></Error>" },
      "the object store answers 400 (BadDigest)",
    ],
    ["a page", { status: 404, body: "<html>nothing</html>" }, "the object store answers 404"],
  ])("%s", async (_about, answer, reason) => {
    const backend = await testbed.backend();
    backend.onPut.current = () => answer;
    const error = await testbed.failure({ options: placeOf(backend) });
    expect(error).toMatchObject({
      code: "UNION_UPLOAD_FAILED",
      message: `spec.pb cannot be uploaded: ${reason}`,
    });
    expect(backend.state.runs.size).toBe(0);
  });
});
