import { constants } from "node:http2";
import { setImmediate } from "node:timers/promises";
import { type ContextEntry, ReadPool } from "@imagespec/core";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FakeEngine, startFakeEngine } from "../../../test/support/fake-engine.ts";
import { fileEntry } from "../../../test/support/handwritten.ts";
import { receiveFiles } from "../../../test/support/sync-receiver.ts";
import type { SyncedContext } from "./file-sync.ts";
import { openSession, type Session } from "./open-session.ts";
import { inSyncOrder } from "./sync-tree.ts";

const folder = (path: string): ContextEntry => ({ type: "directory", path, mode: 0o755 });
const link = (path: string, target: string): ContextEntry => ({ type: "symlink", path, target });
const tree: readonly ContextEntry[] = [
  fileEntry("Dockerfile", "FROM base\n"),
  folder("source"),
  folder("source/a"),
  fileEntry("source/a-b", "dash"),
  fileEntry("source/a/b", "below", 0o755),
  link("source/c", "a/b"),
  fileEntry("source/ü", "umlaut"),
];

let fake: FakeEngine;
let session: Session;

beforeEach(async () => {
  fake = await startFakeEngine();
});

afterEach(async () => {
  session.close();
  await fake.stop();
});

async function offer(entries: readonly ContextEntry[]) {
  const context = {
    entries: async function* () {
      yield* entries;
    },
    timeOf: async ({ path }: ContextEntry) => BigInt(path.length),
    report: vi.fn<SyncedContext["report"]>(),
    fail: vi.fn<SyncedContext["fail"]>(),
  };
  const sources = { secret: () => undefined, login: async () => undefined, context: () => context };
  session = await openSession(fake.engine, sources, { signal: new AbortController().signal });
  return { engine: fake.sessions[0]!, context };
}

test("all of a context is sent, a folder before what it holds, and what is asked for", async () => {
  const { engine, context } = await offer(tree);
  const received = await receiveFiles(engine, {
    headers: { "dir-name": "context" },
    wants: (path) => path !== "source/a-b",
  });
  expect(
    received.files.map(({ path, mode, size, target }) => [path, mode.toString(8), size, target]),
  ).toEqual([
    ["Dockerfile", "644", 10, ""],
    ["source", "20000000755", 0, ""],
    ["source/a", "20000000755", 0, ""],
    ["source/a/b", "755", 5, ""],
    ["source/a-b", "644", 4, ""],
    ["source/c", "1000000777", 3, "a/b"],
    ["source/ü", "644", 6, ""],
  ]);
  expect(received.files.map(({ time }) => time)).toEqual(
    received.files.map(({ path }) => BigInt(path.length)),
  );
  expect(Object.fromEntries([...received.contents].map(([path, bytes]) => [path, bytes.toString()]))).toEqual(
    {
      Dockerfile: "FROM base\n",
      "source/a/b": "below",
      "source/ü": "umlaut",
    },
  );
  expect(received.status).toBe(0);
  expect(context.report.mock.lastCall).toEqual([21, true]);
});

test.each([
  ["a file", ["Dockerfile", "Dockerfile.dockerignore"], ["Dockerfile"]],
  ["a folder", ["/source/a/"], ["source", "source/a", "source/a/b"]],
  ["a path through a symlink", ["source/c"], tree.map(({ path }) => path)],
  ["a pattern", ["source/*"], tree.map(({ path }) => path)],
  ["what is not there", [".dockerignore"], []],
  ["what newer engines encode", ["source%2F%C3%BC"], ["source", "source/ü"]],
])("of a context is sent what is asked for: %s", async (_, paths, expected) => {
  const { engine } = await offer(tree);
  const encoded = paths.some((path) => path.includes("%")) ? { "followpaths-encoded": "1" } : {};
  const headers = { "dir-name": "dockerfile", followpaths: paths, ...encoded };
  const { files } = await receiveFiles(engine, { headers });
  expect(files.map(({ path }) => path).sort()).toEqual([...expected].sort());
});

test("long pieces are cut", async () => {
  const { engine } = await offer([fileEntry("uv", Buffer.alloc(5_000_000, "uv"))]);
  const { contents, longest } = await receiveFiles(engine, { headers: { "dir-name": "context" } });
  expect(contents.get("uv")?.equals(Buffer.alloc(5_000_000, "uv"))).toBe(true);
  expect(longest).toBeLessThanOrEqual(1024 * 1024);
});

test("memory of a file's chunks is read into again, and only after it was sent", async () => {
  const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(200_000, `${index} `));
  const buffers = new Set<ArrayBufferLike>();
  const open = async function* (pool = new ReadPool()): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      const memory = pool.take(chunk.length);
      buffers.add(memory.buffer);
      memory.set(chunk);
      yield memory;
    }
  };
  const { engine } = await offer([{ type: "file", path: "big", mode: 0o644, size: 8_000_000, open }]);
  const { contents } = await receiveFiles(engine, { headers: { "dir-name": "context" } });
  expect(contents.get("big")?.equals(Buffer.concat(chunks))).toBe(true);
  expect(buffers.size).toBeLessThan(20);
});

test("a caller that goes away is no fault of the files", async () => {
  let isClosed = false;
  const open = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let count = 0; count < 100; count += 1) yield Buffer.alloc(500_000);
    } finally {
      isClosed = true;
    }
  };
  const entry: ContextEntry = { type: "file", path: "big", mode: 0o644, size: 50_000_000, open };
  const { engine, context } = await offer([entry]);
  const received = receiveFiles(engine, {
    headers: { "dir-name": "context" },
    wants: () => {
      void setImmediate().then(() => engine.destroy(undefined, constants.NGHTTP2_INTERNAL_ERROR));
      return true;
    },
  });
  await expect(received).rejects.toThrow();
  await expect.poll(() => isClosed).toBe(true);
  await setImmediate();
  expect(context.fail).not.toHaveBeenCalled();
});

test("another folder is refused", async () => {
  const { engine, context } = await offer(tree);
  expect(await receiveFiles(engine, { headers: { "dir-name": "/etc" } })).toMatchObject({
    status: 5,
    files: [],
  });
  expect(context.fail).not.toHaveBeenCalled();
});

test("a file that cannot be read ends it, and its reason stays here", async () => {
  const fault = new Error("the file holds hunter2");
  const entry = {
    ...fileEntry("source/x", "x"),
    // biome-ignore lint/correctness/useYield: it fails before it gives anything
    open: async function* (): AsyncGenerator<Uint8Array> {
      throw fault;
    },
  } as ContextEntry;
  const { engine, context } = await offer([folder("source"), entry]);
  const received = await receiveFiles(engine, { headers: { "dir-name": "context" } });
  expect(received).toMatchObject({ error: "the context cannot be read", status: 13 });
  expect(context.fail).toHaveBeenCalledExactlyOnceWith(fault);
  expect(context.report).not.toHaveBeenCalledWith(expect.anything(), true);
});

/** As BuildKit checks it: by bytes, where a folder's end is less than any byte. */
test("any tree is in the order that BuildKit wants", () => {
  session = { id: "", close: () => {} };
  const name = fc.string({
    unit: fc.constantFrom("a", "b", "-", ".", "!", "ü", "𝄞", "\uffff"),
    minLength: 1,
    maxLength: 3,
  });
  const paths = fc.uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
  );
  fc.assert(
    fc.property(paths, (some) => {
      const sorted = inSyncOrder(some.map(folder)).map(({ path }) => path);
      const keys = sorted.map((path) => path.split("/").map((part) => Buffer.from(part)));
      for (const [index, key] of keys.slice(1).entries()) expect(comesBefore(keys[index]!, key)).toBe(true);
    }),
  );
});

function comesBefore(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  for (const [index, part] of a.entries()) {
    const order = b[index] === undefined ? 1 : Buffer.compare(part, b[index]);
    if (order !== 0) return order < 0;
  }
  return a.length < b.length;
}
