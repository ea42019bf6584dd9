import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveImage } from "../plan/resolve-plan.ts";
import { contextEntries } from "./context-entries.ts";
import { writeContext } from "./write-context.ts";

let root: string;
let source: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "imagespec-link-"));
  source = path.join(root, "tool");
  writeFileSync(source, "#!/bin/sh\n");
  chmodSync(source, 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

/** Lays out a context that holds the file; `before` happens between planning and writing. */
async function layOut(before: () => void = () => {}) {
  const image = await resolveImage({ baseImage: "debian:12", copy: ["tool"] }, { cwd: root });
  const target = path.join(root, "out");
  const checks: (() => Promise<void>)[] = [];
  before();
  await writeContext(contextEntries(image), target, { onLinked: (check) => checks.push(check) });
  return { checks, file: path.join(target, "copy/0/root/tool") };
}

test("the file is there without being copied, and is known to be the planned one", async () => {
  const { checks, file } = await layOut();
  expect(readFileSync(file, "utf8")).toBe("#!/bin/sh\n");
  expect(statSync(file).mode & 0o777).toBe(0o755);
  expect(checks).toHaveLength(1);
  await checks[0]!();
});

test("each of many is, whether its file system shares blocks or not", async () => {
  const names = ["a", "b", "c"];
  for (const name of names) writeFileSync(path.join(root, name), name, { mode: 0o644 });
  const image = await resolveImage({ baseImage: "debian:12", copy: names }, { cwd: root });
  const target = path.join(root, "out");
  const checks: (() => Promise<void>)[] = [];
  await writeContext(contextEntries(image), target, { onLinked: (check) => checks.push(check) });
  const files = names.map((name) => path.join(target, "copy/0/root", name));
  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(names);
  expect(checks).toHaveLength(names.length);
  for (const check of checks) await check();
});

test("a change of it after that is found", async () => {
  const { checks, file } = await layOut();
  const isSame = statSync(file).ino === statSync(source).ino;
  appendFileSync(source, "changed");
  const fault = { code: "CONTEXT_CHANGED", details: { file: source } };
  if (isSame) await expect(checks[0]!()).rejects.toMatchObject(fault);
  else expect(readFileSync(file, "utf8")).toBe("#!/bin/sh\n");
});

test("a change before is found by its bytes", async () => {
  const change = (): void => appendFileSync(source, "changed");
  await expect(layOut(change)).rejects.toMatchObject({ code: "CONTEXT_CHANGED" });
});

test("a file of another mode than the planned one is never linked to", async () => {
  chmodSync(source, 0o700);
  const { file } = await layOut();
  expect(statSync(file).mode & 0o777).toBe(0o755);
  expect(statSync(source).mode & 0o777).toBe(0o700);
});
