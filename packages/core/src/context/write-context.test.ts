import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import type { ContextEntry } from "./context-entry.ts";
import { writeContext } from "./write-context.ts";

function fileEntry(path: string, content: string, mode = 0o644): ContextEntry {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    for (const character of content) yield Buffer.from(character);
  };
  return { type: "file", path, mode, size: Buffer.byteLength(content), open };
}

const umask = process.umask();
afterEach(() => void process.umask(umask));

const entries: readonly ContextEntry[] = [
  { type: "directory", path: "d", mode: 0o755 },
  { type: "symlink", path: "d/l", target: "/opt/x" },
  fileEntry("d/run", "#!/bin/sh\n", 0o755),
  fileEntry("d/text", "é\n"),
  fileEntry("implied/folder/f", ""),
];

describe("writing a context to a folder", () => {
  test.each([0o022, 0o077, 0])("gives its files and modes under umask %o", async (mask) => {
    const out = join(makeTree(), "new/out");
    process.umask(mask);
    await writeContext(entries, out);
    process.umask(umask);
    expect(readdirSync(out, { recursive: true }).sort()).toEqual(
      ["d", "d/l", "d/run", "d/text", "implied", "implied/folder", "implied/folder/f"].sort(),
    );
    const modes = ["d", "d/run", "d/text", "implied"].map((path) => lstatSync(join(out, path)).mode & 0o777);
    expect(modes).toEqual([0o755, 0o755, 0o644, 0o755]);
    expect(readlinkSync(join(out, "d/l"))).toBe("/opt/x");
    expect(readFileSync(join(out, "d/text"), "utf8")).toBe("é\n");
  });

  test("goes beside what is there", async () => {
    const out = makeTree({ Dockerfile: "FROM x" });
    await writeContext(entries, out);
    expect(readdirSync(out).sort()).toEqual(["Dockerfile", "d", "implied"]);
  });

  test("by way of a symlink to the folder itself", async () => {
    const root = makeTree({ "real/x": "", out: { symlink: "real" } });
    await writeContext([fileEntry("f", "f")], join(root, "out"));
    expect(readFileSync(join(root, "real/f"), "utf8")).toBe("f");
  });

  test.each(["d/text", "d", "implied/folder"])(
    "refuses to overwrite %s, and takes back what it made",
    async (path) => {
      const out = makeTree({ "other/x": "kept" });
      mkdirSync(join(out, path), { recursive: true });
      const before = readdirSync(out, { recursive: true }).sort();
      await expect(writeContext(entries, out)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
      expect(readdirSync(out, { recursive: true }).sort()).toEqual(before);
    },
  );

  test("a symlink in the place of a folder or a file is not followed", async () => {
    const root = makeTree({ "elsewhere/x": "", out: { dir: true } });
    symlinkSync("../elsewhere", join(root, "out/d"));
    await expect(writeContext(entries, join(root, "out"))).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    symlinkSync("../elsewhere/new", join(root, "out/f"));
    const writing = writeContext([fileEntry("f", "")], join(root, "out"));
    await expect(writing).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(readdirSync(join(root, "elsewhere"))).toEqual(["x"]);
  });

  test("nor is one of the context's own", async () => {
    const root = makeTree({ "elsewhere/x": "" });
    const hostile: ContextEntry[] = [
      { type: "symlink", path: "d", target: join(root, "elsewhere") },
      fileEntry("d/planted", ""),
    ];
    await expect(writeContext(hostile, join(root, "out"))).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(readdirSync(join(root, "elsewhere"))).toEqual(["x"]);
    expect(readdirSync(join(root, "out"))).toEqual([]);
  });

  test.each(["../out2", "/x", "a/../../b"])("a path that leads out: %s", async (path) => {
    const root = makeTree();
    const writing = writeContext([fileEntry(path, "")], join(root, "out"));
    await expect(writing).rejects.toMatchObject({ code: "SPEC_PATH_OUTSIDE" });
    expect(readdirSync(root)).toEqual(["out"]);
  });

  test("a fault of a file's bytes takes back what was made", async () => {
    const fault = new Error("fault");
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      throw fault;
    };
    const out = join(makeTree(), "out");
    const bad: ContextEntry = { type: "file", path: "d/x", mode: 0o644, size: 8, open };
    await expect(writeContext([...entries, bad], out)).rejects.toBe(fault);
    expect(readdirSync(out)).toEqual([]);
  });

  test("a place that cannot be written to", async () => {
    const file = join(makeTree({ file: "" }), "file");
    await expect(writeContext(entries, file)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await expect(writeContext(entries, join(file, "below"))).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
    });
    expect(existsSync(join(file, "below"))).toBe(false);
    chmodSync(file, 0o600);
  });
});
