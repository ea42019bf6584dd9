import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { lockedImage, lockOf, python } from "../../test/locks.ts";
import { formatLock } from "./image-lock.ts";
import { readLock } from "./read-lock.ts";
import { writeLock } from "./write-lock.ts";

const root = mkdtempSync(path.join(tmpdir(), "imagespec-lock-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let file: string;
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(root, "case-")), "imagespec.lock.json");
});

const lock = lockOf({ [python]: lockedImage("a") });

test("no lock is no error", () => expect(readLock(file)).toBeUndefined());

test("a lock replaces the one before, and leaves nothing else", async () => {
  await writeLock(lockOf({}), file);
  await writeLock(lock, file);
  expect(readLock(file)).toEqual(lock);
  expect(readdirSync(path.dirname(file))).toEqual(["imagespec.lock.json"]);
});

test("a link is replaced, and never what it leads to", async () => {
  const target = path.join(path.dirname(file), "target");
  writeFileSync(target, "mine");
  symlinkSync(target, file);
  expect(() => readLock(file)).toThrow(
    expect.objectContaining({ code: "LOCK_UNREADABLE", message: "it cannot be read: it is a symbolic link" }),
  );
  await writeLock(lock, file);
  expect(readFileSync(target, "utf8")).toBe("mine");
  expect(readFileSync(file, "utf8")).toBe(formatLock(lock));
});

test.each<[string, () => void, string]>([
  ["of 50 MB", () => writeFileSync(file, Buffer.alloc(50e6, " ")), "it has more than 4 MiB"],
  ["a folder", () => mkdirSync(file), "it is not a regular file"],
  ["a pipe that nobody writes to", () => execFileSync("mkfifo", [file]), "it is not a regular file"],
  ["not in UTF-8", () => writeFileSync(file, Buffer.from([0x7b, 0xff])), "it is not text in UTF-8"],
])("one that is %s is not read", (_, make, why) => {
  make();
  expect(() => readLock(file)).toThrow(
    expect.objectContaining({ code: "LOCK_UNREADABLE", message: `it cannot be read: ${why}` }),
  );
});

test("a byte order mark does no harm", () => {
  writeFileSync(file, `\uFEFF${formatLock(lock)}`);
  expect(readLock(file)).toEqual(lock);
});

test("what cannot be written leaves the folder as it was", async () => {
  mkdirSync(path.join(file, "full"), { recursive: true });
  await expect(writeLock(lock, file)).rejects.toMatchObject({
    code: "LOCK_UNWRITABLE",
    message: "it cannot be written (EISDIR)",
    details: { file: "imagespec.lock.json" },
  });
  expect(readdirSync(path.dirname(file))).toEqual(["imagespec.lock.json"]);
  await expect(writeLock(lock, path.join(root, "none", "x"), "x")).rejects.toMatchObject({
    message: "it cannot be written (ENOENT)",
  });
});
