import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFile, replaceFile } from "./replace-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "imagespec-replace-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("a file is replaced, and nothing lies beside it", async () => {
  const file = join(folder, "file");
  await writeFile(file, "a longer text before");
  await replaceFile(file, [Buffer.from("a"), Buffer.from("b")]);
  expect(await readFile(file, "utf8")).toBe("ab");
  expect(await readdir(folder)).toEqual(["file"]);
});

test("what cannot be replaced stays, and nothing lies beside it", async () => {
  await mkdir(join(folder, "file", "inside"), { recursive: true });
  await expect(replaceFile(join(folder, "file"), "text")).rejects.toMatchObject({
    code: expect.stringMatching(/^(EISDIR|ENOTEMPTY|EEXIST)$/),
  });
  expect(await readdir(folder)).toEqual(["file"]);
  expect(await readdir(join(folder, "file"))).toEqual(["inside"]);
});

test("what is kept is its user's alone, in a folder that is made for it", async () => {
  const file = join(folder, "cache", "file");
  expect(await cacheFile(file, "text")).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "cache"))).mode & 0o777).toBe(0o700);
});

test("what cannot be kept is told", async () => {
  await writeFile(join(folder, "cache"), "no folder");
  expect(await cacheFile(join(folder, "cache", "file"), "text")).toBe(false);
});
