import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { FileDigests } from "./digest-files.ts";
import { keepAllRules } from "./dockerignore.ts";
import { listFiles, type RegularFile } from "./list-files.ts";

const MiB = 1024 * 1024;

afterEach(() => void vi.restoreAllMocks());

async function listRegular(base: string): Promise<readonly RegularFile[]> {
  return (await listFiles({ base, rules: keepAllRules })).filter((file) => file.type === "file");
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Files of zeros, `sizes` bytes each, that take no room. */
function makeBigTree(...sizes: readonly number[]): string {
  const base = makeTree();
  sizes.forEach((size, i) => {
    writeFileSync(join(base, `f${i}`), "");
    truncateSync(join(base, `f${i}`), size);
  });
  return base;
}

/** As if the files had been there for a while. */
function letTimePass(): void {
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now + 10_000);
}

describe("digests", () => {
  test("are sha256 of the bytes, by the path on the host", async () => {
    const sizes = fc.constantFrom(0, 1, 63, 64, 131_071, 131_072, 131_073, 262_144, 400_000);
    const files = fc.array(fc.tuple(sizes, fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(files, async (contents) => {
        const base = makeTree();
        const expected = contents.map(([size, byte], i) => {
          writeFileSync(join(base, `f${i}`), Buffer.alloc(size, byte));
          return [join(base, `f${i}`), sha256(Buffer.alloc(size, byte))] as const;
        });
        const digests = await new FileDigests({ cache: false }).digest(await listRegular(base));
        expect(digests).toEqual(new Map(expected));
      }),
      { numRuns: 30 },
    );
  });

  test("a file is read once, however often it is listed, and again when it became another", async () => {
    const base = makeTree({ f: "one", g: "one" });
    const digests = new FileDigests({ cache: false });
    const listed = await listRegular(base);
    await digests.digest(listed);
    rmSync(join(base, "f"));
    expect((await digests.digest(listed)).get(join(base, "f"))).toBe(sha256("one"));
    writeFileSync(join(base, "g"), "two");
    expect((await digests.digest(await listRegular(base))).get(join(base, "g"))).toBe(sha256("two"));
  });

  test("of calls at the same time", async () => {
    const listed = await listRegular(makeTree({ a: "a", b: "b" }));
    const digests = new FileDigests({ cache: false });
    const answers = await Promise.all([
      digests.digest(listed),
      digests.digest(listed.slice(0, 1)),
      digests.digest([]),
    ]);
    expect(answers.map(({ size }) => size)).toEqual([2, 1, 0]);
  });

  test("a call that failed is no hindrance to the next", async () => {
    const base = makeTree({ a: "a", b: "b" });
    const listed = await listRegular(base);
    rmSync(join(base, "a"));
    const digests = new FileDigests({ cache: false });
    await expect(digests.digest(listed)).rejects.toMatchObject({ code: "CONTEXT_CHANGED" });
    expect((await digests.digest(listed.slice(1))).size).toBe(1);
  });
});

describe("a file that is not as it was listed", () => {
  const changes: Readonly<Record<string, (file: string) => void>> = {
    grew: (file) => appendFileSync(file, "more"),
    shrank: (file) => truncateSync(file, 1),
    "has other bytes": (file) => writeFileSync(file, "other"),
    "has another time": (file) => utimesSync(file, 1, 1),
    "is another file": (file) => {
      writeFileSync(`${file}.new`, "bytes");
      renameSync(`${file}.new`, file);
    },
    "is gone": (file) => rmSync(file),
    "is a symlink now": (file) => {
      renameSync(file, `${file}.old`);
      symlinkSync(`${file}.old`, file);
    },
    "is a folder now": (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    "is a pipe now": (file) => {
      rmSync(file);
      execFileSync("mkfifo", [file]);
    },
  };

  test.each(Object.entries(changes))("%s", async (_, change) => {
    const base = makeTree({ f: "bytes" });
    const listed = await listRegular(base);
    change(join(base, "f"));
    const digesting = new FileDigests({ cache: false }).digest(listed);
    await expect(digesting).rejects.toMatchObject({
      code: "CONTEXT_CHANGED",
      details: { file: join(base, "f") },
    });
  });
});

describe("big sets, which several threads hash", () => {
  const zeros = sha256(Buffer.alloc(20 * MiB));

  test("have the same digests", async () => {
    const base = makeBigTree(20 * MiB, 20 * MiB, 20 * MiB, 0);
    const digests = await new FileDigests({ cache: false }).digest(await listRegular(base));
    expect([...digests.values()]).toEqual([zeros, zeros, zeros, sha256("")]);
  });

  test("a change is found, and one that is gone", async () => {
    const base = makeBigTree(20 * MiB, 20 * MiB, 20 * MiB);
    const listed = await listRegular(base);
    appendFileSync(join(base, "f1"), "x");
    const digests = new FileDigests({ cache: false });
    await expect(digests.digest(listed)).rejects.toMatchObject({ details: { file: join(base, "f1") } });
    rmSync(join(base, "f1"));
    await expect(digests.digest(listed)).rejects.toMatchObject({ code: "CONTEXT_CHANGED" });
  });

  test("an abort ends it with the signal's reason", async () => {
    const listed = await listRegular(makeBigTree(4096 * MiB, 4096 * MiB));
    const controller = new AbortController();
    const digesting = new FileDigests({ cache: false }).digest(listed, controller.signal);
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(digesting).rejects.toThrow("enough");
  });
});

describe("the cache", () => {
  async function digestTwice(
    between: (base: string, cache: string) => void,
  ): Promise<ReadonlyMap<string, string>> {
    const [base, cache] = [makeBigTree(17 * MiB, 5), join(makeTree(), "cache")];
    letTimePass();
    const listed = await listRegular(base);
    await new FileDigests({ cache }).digest(listed);
    between(base, cache);
    return new FileDigests({ cache }).digest(listed);
  }

  function onlyFile(cache: string): string {
    const names = readdirSync(cache);
    expect(names).toHaveLength(1);
    return join(cache, names[0]!);
  }

  const expected = [sha256(Buffer.alloc(17 * MiB)), sha256(Buffer.alloc(5))];

  test("spares reading the files again", async () => {
    const digests = await digestTwice((base) => rmSync(base, { recursive: true }));
    expect([...digests.values()]).toEqual(expected);
  });

  test("is for its owner alone, in one file, with no draft left", async () => {
    await digestTwice((_, cache) => {
      expect(statSync(onlyFile(cache)).mode & 0o777).toBe(0o600);
      expect(statSync(cache).mode & 0o777).toBe(0o700);
    });
  });

  test("holds no file that was young when it was read", async () => {
    const [base, cache] = [makeBigTree(17 * MiB), join(makeTree(), "cache")];
    const listed = await listRegular(base);
    await new FileDigests({ cache }).digest(listed);
    expect(existsSync(cache)).toBe(false);
    rmSync(join(base, "f0"));
    await expect(new FileDigests({ cache }).digest(listed)).rejects.toMatchObject({
      code: "CONTEXT_CHANGED",
    });
  });

  test("is not asked for another file in the same place", async () => {
    const [base, cache] = [makeBigTree(17 * MiB), join(makeTree(), "cache")];
    letTimePass();
    await new FileDigests({ cache }).digest(await listRegular(base));
    writeFileSync(join(base, "f0"), Buffer.alloc(17 * MiB, 1));
    const digests = await new FileDigests({ cache }).digest(await listRegular(base));
    expect([...digests.values()]).toEqual([sha256(Buffer.alloc(17 * MiB, 1))]);
  });

  test("is left alone for small sets", async () => {
    const [base, cache] = [makeTree({ f: "small" }), join(makeTree(), "cache")];
    letTimePass();
    await new FileDigests({ cache }).digest(await listRegular(base));
    expect(existsSync(cache)).toBe(false);
  });

  test("lies where XDG says, unless that is no absolute path", async () => {
    const [base, home] = [makeBigTree(17 * MiB), makeTree()];
    letTimePass();
    vi.stubEnv("XDG_CACHE_HOME", home);
    await new FileDigests().digest(await listRegular(base));
    expect(readdirSync(join(home, "imagespec"))).toHaveLength(1);
    vi.stubEnv("XDG_CACHE_HOME", "relative");
    vi.stubEnv("HOME", join(home, "other"));
    await new FileDigests().digest(await listRegular(base));
    expect(readdirSync(join(home, "other/.cache/imagespec"))).toHaveLength(1);
    expect(existsSync("relative")).toBe(false);
    vi.unstubAllEnvs();
  });

  const damages: Readonly<Record<string, (file: string) => void>> = {
    "is empty": (file) => truncateSync(file, 0),
    "is cut off": (file) => truncateSync(file, statSync(file).size - 8),
    "holds a flipped bit": (file) => {
      const bytes = readFileSync(file);
      const at = bytes.findLastIndex((byte) => byte !== 0);
      bytes[at]! ^= 1;
      writeFileSync(file, bytes);
    },
    "has another format": (file) => writeFileSync(file, "SQLite format 3\0".repeat(100)),
    "is a folder": (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    "is a pipe": (file) => {
      rmSync(file);
      execFileSync("mkfifo", [file]);
    },
    "is a symlink to itself": (file) => {
      rmSync(file);
      symlinkSync(file, file);
    },
  };

  test.each(Object.entries(damages))("that %s is as none", async (_, damage) => {
    const digests = await digestTwice((_base, cache) => damage(onlyFile(cache)));
    expect([...digests.values()]).toEqual(expected);
  });

  test("that cannot be written is no failure", async () => {
    const base = makeBigTree(17 * MiB);
    const cache = join(makeTree({ file: "" }), "file/cache");
    letTimePass();
    const digests = await new FileDigests({ cache }).digest(await listRegular(base));
    expect(digests.size).toBe(1);
  });
});
