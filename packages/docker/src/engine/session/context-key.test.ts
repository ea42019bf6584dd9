import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContextEntry } from "@imagespec/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileEntry } from "../../../test/support/handwritten.ts";
import { contextKey } from "./context-key.ts";

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "imagespec-key-"));
});

afterEach(async () => {
  await rm(cache, { recursive: true });
});

const open = (name = "app", folder = cache) => contextKey(name, { XDG_CACHE_HOME: folder });
const second = 315_532_800n;

test("a file's time tells what is in it, within one second", async () => {
  const key = await open();
  const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`);
  const times = await Promise.all(texts.map((text) => key.timeOf(fileEntry("file", text))));
  expect(new Set(times).size).toBe(texts.length);
  expect(new Set(times.map((time) => time / 1_000_000_000n))).toEqual(new Set([second]));
  const again = await (await open()).timeOf(fileEntry("elsewhere", "text 0"));
  expect(again).toBe(times[0]);
  expect(await key.timeOf({ type: "directory", path: "a", mode: 0o755 })).toBe(second * 1_000_000_000n);
});

test("a digest that is known counts as that of the bytes", async () => {
  const key = await open();
  const sha256 = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1";
  const entry: ContextEntry = { ...fileEntry("file", ""), sha256 } as ContextEntry;
  expect(await key.timeOf(entry)).toBe(await key.timeOf(fileEntry("file", "text")));
});

test("what is shared is an image's own, and nobody's who has another secret", async () => {
  const { shared } = await open();
  expect((await open()).shared).toBe(shared);
  expect((await open("other")).shared).not.toBe(shared);
  await rm(join(cache, "imagespec"), { recursive: true });
  expect((await open()).shared).not.toBe(shared);
});

test("the secret is kept for its user alone", async () => {
  await open();
  const file = join(cache, "imagespec", "context-key");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file)).toHaveLength(32);
});

test("a secret that is cut is replaced", async () => {
  const { shared } = await open();
  await writeFile(join(cache, "imagespec", "context-key"), "short");
  const key = await open();
  expect(key.shared).not.toBe(shared);
  expect((await open()).shared).toBe(key.shared);
});

test("a secret that cannot be kept is not used twice", async () => {
  await writeFile(join(cache, "file"), "");
  const nowhere = join(cache, "file");
  expect((await open("app", nowhere)).shared).not.toBe((await open("app", nowhere)).shared);
});
