import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { keepAllRules, parseDockerignore } from "./dockerignore.ts";
import { copyIgnoreRules, standardIgnoreRules } from "./ignore-rules.ts";
import { type ListedFile, type ListFilesOptions, listFiles } from "./list-files.ts";

async function list(base: string, options: Partial<ListFilesOptions> = {}): Promise<readonly ListedFile[]> {
  return listFiles({ base, rules: keepAllRules, ...options });
}

async function pathsOf(base: string, options: Partial<ListFilesOptions> = {}): Promise<readonly string[]> {
  return (await list(base, options)).map(({ path }) => path);
}

async function faultOf(base: string, options: Partial<ListFilesOptions> = {}): Promise<string> {
  try {
    await list(base, options);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return `${error.code}: ${error.message} (${error.details.hint})`.replaceAll(base, "BASE");
  }
  return "no fault";
}

describe("the order", () => {
  const names = [
    "b",
    "a",
    "a-b",
    "a/x",
    "a/é",
    "a.b",
    "B",
    "I",
    "i",
    "ı",
    "İ",
    "e\u0301",
    "\u00e9",
    "\ufb01",
    "\u{1F600}",
  ];

  test("is that of code units, a folder before what it holds", async () => {
    const base = makeTree(Object.fromEntries(names.filter((name) => name !== "a").map((name) => [name, ""])));
    expect(await pathsOf(base)).toEqual(["", ...names].sort());
  });

  test("is the same whatever order the file system lists in", async () => {
    const files = Object.fromEntries(
      ["a/b/c", "a/b/d", "a/e", "f", "g/h", "g/i/j", "a-b/k"].map((path) => [path, path]),
    );
    const base = makeTree(files);
    const expected = await pathsOf(base);
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
        const readFolder = (folder: string): string[] =>
          readdirSync(folder)
            .map((name) => ({ name, at: numbers.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ name }) => name);
        expect(await pathsOf(base, { readFolder })).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("is the same whatever order files were made in", async () => {
    const paths = ["z", "a", "m/1", "m/2", "b/x/y"];
    const forwards = makeTree(Object.fromEntries(paths.map((path) => [path, ""])));
    const backwards = makeTree(Object.fromEntries(paths.reverse().map((path) => [path, ""])));
    expect(await pathsOf(forwards)).toEqual(await pathsOf(backwards));
  });
});

describe("what is listed", () => {
  test("files, folders and symlinks, with the paths of the host", async () => {
    const base = makeTree({ "d/f": "four", "d/l": { symlink: "f" }, "d/empty": { dir: true } });
    const listed = (await list(base, { path: "d" })).map((file) => ({ ...file, identity: undefined }));
    expect(listed).toEqual([
      { type: "directory", path: "", hostPath: join(base, "d") },
      { type: "directory", path: "empty", hostPath: join(base, "d/empty") },
      { type: "file", path: "f", hostPath: join(base, "d/f"), mode: 0o644, size: 4 },
      { type: "symlink", path: "l", hostPath: join(base, "d/l"), target: "f" },
    ]);
  });

  test("a path that is one file, and one that is an absolute symlink", async () => {
    const base = makeTree({ "d/f": "x", l: { symlink: "/opt/in/the/image" } });
    expect(await list(base, { path: "d/f" })).toMatchObject([{ type: "file", path: "", size: 1 }]);
    expect(await list(base, { path: "./l" })).toMatchObject([
      { type: "symlink", path: "", target: "/opt/in/the/image" },
    ]);
  });

  test.each([
    [0o600, 0o644],
    [0o666, 0o644],
    [0o644, 0o644],
    [0o654, 0o644],
    [0o700, 0o755],
    [0o4711, 0o755],
    [0o500, 0o755],
  ])("mode %o is %o in the image", async (mode, expected) => {
    const base = makeTree({ f: { text: "", mode } });
    expect(await list(base, { path: "f" })).toMatchObject([{ mode: expected }]);
  });

  test("the umask does not count", async () => {
    const script = "umask 077 && mkdir -p d && printf x > d/f && printf x > d/g && chmod u+x d/g";
    const base = makeTree();
    execFileSync("sh", ["-c", script], { cwd: base });
    expect(await list(base, { path: "d" })).toMatchObject([{ path: "" }, { mode: 0o644 }, { mode: 0o755 }]);
  });

  test("a base that is a symlink to a folder is that folder", async () => {
    const base = makeTree({ "real/f": "", link: { symlink: "real" } });
    expect(await pathsOf(join(base, "link"))).toEqual(["", "f"]);
  });

  test("names with line feeds, quotes, blanks and backslashes", async () => {
    const names = ["a\nb", 'q"', " ", "back\\slash", "-rf", "$(x)", "tab\t"];
    const base = makeTree(Object.fromEntries(names.map((name) => [name, ""])));
    expect(await pathsOf(base)).toEqual(["", ...names].sort());
  });
});

describe("what is left out", () => {
  const files = {
    "data/keep/x": "",
    "data/drop/y": "",
    "data/z": "",
    "src/__pycache__/m.pyc": "",
    "src/m.py": "",
  };

  test("an exception below a folder that is left out is kept, with the folders above it", async () => {
    const rules = parseDockerignore(["data", "!data/keep"], ".dockerignore");
    expect(await pathsOf(makeTree(files), { rules, path: "data" })).toEqual(["", "keep", "keep/x"]);
  });

  test("a pruned folder is not even read", async () => {
    const base = makeTree(files);
    const read: string[] = [];
    const readFolder = (folder: string): string[] => {
      read.push(folder.slice(base.length));
      return readdirSync(folder);
    };
    const rules = parseDockerignore(["data/drop", "!data/keep"], ".dockerignore");
    await list(base, { rules, readFolder });
    expect(read.sort()).toEqual(["", "/data", "/data/keep", "/src", "/src/__pycache__"]);
  });

  test("rules see paths from the base, whatever path is listed", async () => {
    const base = makeTree({ ...files, ".dockerignore": "data/z" });
    expect(await pathsOf(base, { rules: await copyIgnoreRules(base), path: "data/drop/.." })).not.toContain(
      "z",
    );
    expect(await pathsOf(base, { rules: standardIgnoreRules, path: "src" })).toEqual(["", "m.py"]);
  });

  test.each(["data", "data/z", "src/__pycache__", "src/__pycache__/m.pyc"])(
    "%s itself: an error",
    async (path) => {
      const base = makeTree({ ...files, ".dockerignore": "data" });
      expect(await faultOf(base, { rules: await copyIgnoreRules(base), path })).toMatch(/^SPEC_FILE_IGNORED/);
    },
  );
});

describe("what is refused", () => {
  const files = { "d/f": "", "d/inner/l": { symlink: "../f" }, "out/l": { symlink: "../d/f" } };

  test.each([
    ["missing", "SPEC_FILE_NOT_FOUND"],
    ["d/f/below-a-file", "SPEC_FILE_NOT_FOUND"],
    ["../x", "SPEC_PATH_OUTSIDE"],
    ["d/../../x", "SPEC_PATH_OUTSIDE"],
    ["/etc/passwd", "SPEC_PATH_OUTSIDE"],
    ["etc/passwd", "SPEC_PATH_OUTSIDE"],
    ["a\0b", "SPEC_FILE_NAME"],
    ["\ud800", "SPEC_FILE_NAME"],
    ["x".repeat(300), "SPEC_FILE_NOT_FOUND"],
  ])("%j: %s", async (path, code) => {
    const base = makeTree({ ...files, etc: { symlink: "/etc" } });
    expect(await faultOf(base, { path })).toMatch(new RegExp(`^${code}:`));
  });

  test("a missing path says so", async () => {
    expect(await faultOf(makeTree(), { path: "missing" })).toMatchInlineSnapshot(
      `"SPEC_FILE_NOT_FOUND: "BASE/missing" does not exist (paths are relative to the working directory)"`,
    );
  });

  test("a base that is a file, and one that is not there", async () => {
    const base = makeTree({ f: "" });
    expect(await faultOf(join(base, "f"))).toMatchInlineSnapshot(
      `"SPEC_FILE_TYPE: "BASE" is no folder (name a folder; copy takes single files)"`,
    );
    expect(await faultOf(join(base, "gone"))).toMatchInlineSnapshot(
      `"SPEC_FILE_NOT_FOUND: "BASE" does not exist (paths are relative to the working directory)"`,
    );
  });

  test("a relative symlink that leads out", async () => {
    const base = makeTree(files);
    expect(await faultOf(base, { path: "out" })).toMatchInlineSnapshot(
      `"SPEC_SYMLINK_ESCAPES: "out/l" is a symlink to "../d/f", which is not part of what is copied (put a copy in the link's place, or list what it leads to; an absolute target names a path of the image)"`,
    );
    expect(await faultOf(base, { path: "out/l" })).toMatch(/^SPEC_SYMLINK_ESCAPES/);
    expect(await faultOf(base, { path: "out", boundary: "" })).toBe("no fault");
    expect(await faultOf(base, { path: "d" })).toBe("no fault");
    expect(await faultOf(base, { path: "d/inner" })).toMatch(/^SPEC_SYMLINK_ESCAPES/);
    expect(await faultOf(base, { path: "d/inner", boundary: "d" })).toBe("no fault");
  });

  test("a symlink that leads out is no fault where it is left out", async () => {
    const base = makeTree({ "d/f": "", "d/l": { symlink: "../../x" } });
    const rules = parseDockerignore(["d/l"], ".dockerignore");
    expect(await pathsOf(base, { path: "d", rules })).toEqual(["", "f"]);
  });

  test("pipes and sockets, unless they are left out", async () => {
    const base = makeTree({ "d/f": "" });
    execFileSync("mkfifo", [join(base, "d/pipe")]);
    const server = createServer().listen(join(base, "d/socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      expect(await faultOf(base)).toMatchInlineSnapshot(
        `"SPEC_FILE_TYPE: "d/pipe" is a socket, a pipe or a device (an image holds files, folders and symlinks; leave others out by .dockerignore)"`,
      );
      const rules = parseDockerignore(["d/pipe", "d/socket"], ".dockerignore");
      expect(await pathsOf(base, { rules })).toEqual(["", "d", "d/f"]);
    } finally {
      server.close();
    }
  });

  test("a device", async () => {
    const [base, name] = ["/dev", "null"];
    expect(await faultOf(base, { path: name })).toMatch(/^SPEC_FILE_TYPE/);
  });

  test("names and targets that are not UTF-8; a name that holds U+FFFD is one like others", async () => {
    const base = makeTree({ "d/\ufffd": "", "e/f": "", "g/h": "" });
    expect(await pathsOf(base, { path: "d" })).toEqual(["", "\ufffd"]);
    writeFileSync(Buffer.concat([Buffer.from(`${base}/e/caf`), Buffer.from([0xe9])]), "");
    expect(await faultOf(base, { path: "e" })).toMatchInlineSnapshot(
      `"SPEC_FILE_NAME: the name "BASE/e/caf�" is not UTF-8 (rename the file, or leave it out by .dockerignore)"`,
    );
    symlinkSync(Buffer.from([0xff]), join(base, "g/l"));
    expect(await faultOf(base, { path: "g" })).toMatchInlineSnapshot(
      `"SPEC_FILE_NAME: the name "BASE/g/l" is a symlink to a name that is not UTF-8 (rename the file, or leave it out by .dockerignore)"`,
    );
  });

  test("a folder that may not be read", async () => {
    const base = makeTree({ "d/f": "" });
    const readFolder = (folder: string): string[] => {
      if (!folder.endsWith("/d")) return readdirSync(folder);
      throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    };
    expect(await faultOf(base, { readFolder })).toMatchInlineSnapshot(
      `"SPEC_FILE_UNREADABLE: "BASE/d" cannot be read (EACCES) (check who may read it, or leave it out by .dockerignore)"`,
    );
  });

  test("the mode bits are what closes a folder to others than root", async () => {
    const base = makeTree({ "d/f": "" });
    chmodSync(join(base, "d"), 0);
    const fault = await faultOf(base);
    chmodSync(join(base, "d"), 0o755);
    expect(fault).toMatch(process.getuid?.() === 0 ? /^no fault/ : /^SPEC_FILE_UNREADABLE/);
  });

  test("a file that goes while the folder is read", async () => {
    const base = makeTree({ "d/f": "", "d/g": "" });
    const readFolder = (folder: string): string[] => {
      const names = readdirSync(folder);
      rmSync(join(base, "d/g"), { force: true });
      return names;
    };
    expect(await faultOf(base, { path: "d", readFolder })).toMatch(/^CONTEXT_CHANGED/);
  });

  test("an aborted walk ends with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(list(makeTree({ "a/b": "" }), { signal })).rejects.toThrow("enough");
  });
});

test("many folders, one above the other", async () => {
  const base = makeTree();
  const depth = 200;
  mkdirSync(join(base, ...Array.from({ length: depth }, () => "d")), { recursive: true });
  expect(await pathsOf(base)).toHaveLength(depth + 1);
});
