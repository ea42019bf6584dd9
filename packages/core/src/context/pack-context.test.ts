import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import type { ContextEntry } from "./context-entry.ts";
import { openPlannedFile } from "./open-planned-file.ts";
import { packContext } from "./pack-context.ts";

function fileEntry(path: string, content: string | Uint8Array, mode = 0o644): ContextEntry {
  const bytes = Buffer.from(content);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes;
  };
  return { type: "file", path, mode, size: bytes.length, open };
}

async function pack(entries: Iterable<ContextEntry>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packContext(entries)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** What Python's tarfile sees. */
function readWithPython(tar: Buffer): unknown[] {
  const script = `
import hashlib, io, json, sys, tarfile
tar = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
print(json.dumps([[m.type.decode(), m.name, m.linkname, m.mode, m.mtime, m.uid, m.gid, m.uname,
  hashlib.sha256(tar.extractfile(m).read()).hexdigest() if m.isreg() else None] for m in tar]))`;
  return JSON.parse(execFileSync("python3", ["-c", script], { input: tar, encoding: "utf8" })) as unknown[];
}

const long = `${"folder/".repeat(30)}${"n".repeat(120)}`;
const names = [
  "a",
  "a\nb",
  "é",
  "e\u0301",
  "日本",
  "\u{1F600}",
  "x y",
  "-rf",
  "$(id)",
  'q"',
  "back\\slash",
  "n".repeat(101),
  long,
];

describe("the tar", () => {
  test("is what Python reads, names and targets of every kind", () => {
    const name = fc.oneof(
      fc.constantFrom(...names),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 160 }),
    );
    const safe = name.filter((one) => one.split("/").every((part) => !["", ".", ".."].includes(part)));
    const wellFormed = safe.filter((one) => one.isWellFormed() && !one.includes("\0"));
    const kind = fc.constantFrom("file", "directory", "symlink");
    const record = fc.record({
      path: wellFormed,
      kind,
      content: fc.uint8Array({ maxLength: 1500 }),
      target: wellFormed,
    });
    return fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (records) => {
        const entries = records.map(({ path, kind, content, target }): ContextEntry => {
          if (kind === "file") return fileEntry(path, content, 0o755);
          return kind === "directory" ? { type: kind, path, mode: 0o755 } : { type: "symlink", path, target };
        });
        const expected = records.map(({ path, kind, content, target }) => [
          { file: "0", directory: "5", symlink: "2" }[kind],
          path,
          kind === "symlink" ? target : "",
          kind === "symlink" ? 0o777 : 0o755,
          315_532_800,
          0,
          0,
          "",
          kind === "file" ? createHash("sha256").update(content).digest("hex") : null,
        ]);
        expect(readWithPython(await pack(entries))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  test("is what tar extracts", async () => {
    const entries: ContextEntry[] = [
      { type: "directory", path: "d", mode: 0o755 },
      { type: "directory", path: "d/empty", mode: 0o755 },
      fileEntry("d/run", "#!/bin/sh\n", 0o755),
      { type: "symlink", path: "d/link", target: "../elsewhere" },
      ...names.map((name) => fileEntry(`d/${name}`, name)),
    ];
    const root = makeTree();
    execFileSync("tar", ["-xf", "-", "-C", root], { input: await pack(entries) });
    for (const name of names) expect(readFileSync(join(root, "d", name), "utf8")).toBe(name);
    expect(lstatSync(join(root, "d/run")).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(root, "d/run")).mtimeMs).toBe(315_532_800_000);
    expect(readlinkSync(join(root, "d/link"))).toBe("../elsewhere");
    expect(lstatSync(join(root, "d/empty")).isDirectory()).toBe(true);
  });

  test("has the same bytes on every run, frozen", async () => {
    const entries = (): ContextEntry[] => [
      { type: "directory", path: "d", mode: 0o755 },
      fileEntry("d/é", "x".repeat(700)),
      { type: "symlink", path: "d/l", target: "é" },
    ];
    const [first, second] = [await pack(entries()), await pack(entries())];
    expect(first.equals(second)).toBe(true);
    expect(createHash("sha256").update(first).digest("hex")).toMatchInlineSnapshot(
      `"dfe6559658994b946d545b8c3096e929ac8468a1587094eccc2b2b41f2ace3e3"`,
    );
  });

  test("of nothing is an end", async () => {
    expect(readWithPython(await pack([]))).toEqual([]);
  });

  test("says the size of a file beyond eight gibibytes", async () => {
    const size = 9 * 1024 ** 3;
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(64 * 1024);
      await new Promise(() => undefined);
    };
    const stream = packContext([{ type: "file", path: "big", mode: 0o644, size, open }]);
    const [header] = (await stream.take(1).toArray()) as [Buffer];
    const script =
      "import sys, tarfile; print(tarfile.TarInfo.frombuf(sys.stdin.buffer.read(512), 'utf-8', '').size)";
    expect(execFileSync("python3", ["-c", script], { input: header, encoding: "utf8" }).trim()).toBe(
      String(size),
    );
  });
});

describe("a fault while packing", () => {
  async function faultOf(entries: Iterable<ContextEntry> | AsyncIterable<ContextEntry>): Promise<unknown> {
    const stream = packContext(entries);
    let ended = false;
    stream.once("end", () => {
      ended = true;
    });
    try {
      for await (const _ of stream);
    } catch (error) {
      expect(ended).toBe(false);
      expect(stream.destroyed).toBe(true);
      return error;
    }
    return undefined;
  }

  test("of the entries is the stream's", async () => {
    const fault = new Error("producer");
    const entries = async function* (): AsyncGenerator<ContextEntry> {
      yield fileEntry("a", "a");
      throw fault;
    };
    expect(await faultOf(entries())).toBe(fault);
  });

  test.each([10, 1_000_000])("of a file's bytes is the stream's, after %i of them", async (size) => {
    const fault = new Error("file");
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(size);
      throw fault;
    };
    expect(await faultOf([{ type: "file", path: "a", mode: 0o644, size: size + 1, open }])).toBe(fault);
  });

  test.each([0, 4, 6, 100_000])("a file of five bytes that gives %i", async (given) => {
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(given);
    };
    const entry: ContextEntry = { type: "file", path: "a", mode: 0o644, size: 5, open };
    expect(await faultOf([entry, fileEntry("b", "b")])).toMatchObject({ code: "CONTEXT_CHANGED" });
  });

  test("a planned file that changed", async () => {
    const file = join(makeTree({ f: "planned" }), "f");
    const planned = { size: 7, sha256: createHash("sha256").update("planned").digest("hex") };
    const entry: ContextEntry = {
      type: "file",
      path: "f",
      mode: 0o644,
      size: 7,
      open: () => openPlannedFile(file, planned),
    };
    expect(await faultOf([entry])).toBeUndefined();
    writeFileSync(file, "PLANNED");
    expect(await faultOf([entry])).toMatchObject({ code: "CONTEXT_CHANGED" });
    appendFileSync(file, "!");
    expect(await faultOf([entry])).toMatchObject({ code: "CONTEXT_CHANGED" });
  });

  test.each(["../a", "/a", "a/../b", "a//b", "./a", "a/", "", ".", ".."])(
    "a path %j: SPEC_PATH_OUTSIDE",
    async (path) => {
      expect(await faultOf([fileEntry(path, "")])).toMatchObject({ code: "SPEC_PATH_OUTSIDE" });
    },
  );

  test.each([
    fileEntry("a\0b", ""),
    fileEntry("\ud800", ""),
    { type: "symlink", path: "l", target: "a\0b" } as const,
    { type: "symlink", path: "l", target: "\udfff" } as const,
  ])("a name that cannot be: SPEC_FILE_NAME (%#)", async (entry) => {
    expect(await faultOf([entry])).toMatchObject({ code: "SPEC_FILE_NAME" });
  });
});

/** Lets all that can go on without a reader go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await setImmediate();
}

describe("the reader's pace", () => {
  /** Endless files, and how many of them have been opened, and ended. */
  function endless(): Readonly<{
    entries: AsyncGenerator<ContextEntry>;
    opened: () => number;
    ended: () => boolean;
  }> {
    let [opened, ended] = [0, false];
    const open = async function* (): AsyncGenerator<Uint8Array> {
      opened++;
      yield new Uint8Array(100_000);
    };
    const entries = async function* (): AsyncGenerator<ContextEntry> {
      try {
        for (let i = 0; ; i++) yield { type: "file", path: `f${i}`, mode: 0o644, size: 100_000, open };
      } finally {
        ended = true;
      }
    };
    return { entries: entries(), opened: () => opened, ended: () => ended };
  }

  test("nobody reads: no more than what is read ahead is made", async () => {
    const { entries, opened } = endless();
    const stream = packContext(entries);
    stream.on("error", () => undefined);
    await settle();
    expect(opened()).toBeLessThan(30);
    stream.destroy();
  });

  test("folders and links wait for the reader too", async () => {
    let made = 0;
    const entries = function* (): Generator<ContextEntry> {
      for (;;) yield { type: "directory", path: `d${made++}`, mode: 0o755 };
    };
    const stream = packContext(entries());
    await settle();
    expect(made).toBeLessThan(20_000);
    stream.destroy();
  });

  test.each([0, 5])("a reader that leaves after %i chunks ends the entries", async (chunks) => {
    const { entries, ended } = endless();
    const stream = packContext(entries);
    await settle();
    if (chunks > 0) await stream.take(chunks).toArray();
    stream.destroy();
    await settle();
    expect(ended()).toBe(true);
  });
});

test("a tree of many folders keeps its order", async () => {
  const root = makeTree();
  const paths = Array.from({ length: 3000 }, (_, i) => `d${String(i).padStart(4, "0")}`);
  const tar = await pack(paths.map((path) => ({ type: "directory", path, mode: 0o755 })));
  mkdirSync(join(root, "out"));
  const listed = execFileSync("tar", ["-tf", "-"], { input: tar, encoding: "utf8" });
  expect(
    listed
      .trim()
      .split("\n")
      .map((line) => line.replace(/\/$/, "")),
  ).toEqual(paths);
});
