import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { hostileText } from "../../../test/support/hostile-plans.ts";
import { MOUNTS } from "../recipe.ts";
import { lendSecrets } from "./secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "imagespec-secrets-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A place of its own for an image, and one for what a step mounts. */
function newPlace() {
  const place = mkdtempSync(join(folder, "place-"));
  const [root, mounts] = [join(place, "root"), join(place, "mounts")];
  for (const path of [join(root, "work"), join(mounts, "secrets")]) mkdirSync(path, { recursive: true });
  writeFileSync(join(mounts, "secrets.sh"), lendSecrets.text.replaceAll(MOUNTS, mounts));
  /** Runs a command with secrets, the values of which are `value N`. */
  const lend = (words: readonly string[], command: readonly string[], environment = {}) => {
    for (const index of words.keys()) {
      writeFileSync(join(mounts, `secrets/${index + 1}`), `value ${index + 1}\n`);
    }
    const given = ["-e", join(mounts, "secrets.sh"), ...words, "--", ...command];
    const env = { PATH: process.env.PATH, ...environment };
    const { status, stdout, stderr } = spawnSync("/bin/sh", given, { cwd: join(root, "work"), env });
    return { status, said: stdout.toString(), failed: stderr.toString() };
  };
  return { root, lend };
}

/** Everything that lies in a folder, with its kind and content. */
function listing(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stat = lstatSync(join(path, name));
      return `${name} ${stat.mode.toString(8)} ${stat.isFile() ? readFileSync(join(path, name), "utf8") : ""}`;
    });
}

test("a command finds files and variables, in its own folder and with its own PATH, and then they are gone", () => {
  const { root, lend } = newPlace();
  writeFileSync(join(root, "there"), "was there\n");
  const before = listing(root);
  const words = [
    `file:${root}/there`,
    "variable:path",
    `file:${root}/new/a/b`,
    "variable:count",
    `file:${root}/new/c/d`,
  ];
  const script = `cat ${root}/there ${root}/new/a/b ${root}/new/c/d; echo "$path; $count; $PATH; $(basename "$PWD"); $OLDPWD; $1"`;
  const { status, said, failed } = lend(words, ["/bin/sh", "-c", script, "sh", "a  b"]);
  expect([status, failed]).toEqual([0, ""]);
  expect(said).toBe(`value 1\nvalue 3\nvalue 5\nvalue 2; value 4; ${process.env.PATH}; work; ; a  b\n`);
  expect(listing(root)).toEqual(before);
});

test("what a command makes stays, and what it makes of a secret does not", () => {
  const { root, lend } = newPlace();
  writeFileSync(join(root, "there"), "was there\n");
  const script = [
    `echo made > ${root}/new/made`,
    `rm ${root}/new/gone`,
    `cp ${root}/there ${root}/there.copy; mv ${root}/there.copy ${root}/there`,
  ].join("; ");
  const words = [`file:${root}/new/gone`, `file:${root}/there`];
  expect(lend(words, ["/bin/sh", "-e", "-c", script])).toEqual({ status: 0, said: "", failed: "" });
  expect(listing(root).map((line) => line.trim())).toEqual([
    "new 40755",
    "new/made 100644 made",
    "there 100644 was there",
    "work 40755",
  ]);
});

test("a netrc is where programs look for it", () => {
  const { root, lend } = newPlace();
  const command = ["/bin/sh", "-c", 'cat "$HOME/.netrc" "$NETRC"'];
  expect(lend(["netrc:"], command, { HOME: root }).said).toBe("value 1\nvalue 1\n");
  expect(listing(root)).toEqual(["work 40755 "]);
});

test("the exit code is the command's, and a folder is not hidden", () => {
  const { root, lend } = newPlace();
  expect(lend(["variable:A"], ["/bin/sh", "-c", "exit 42"]).status).toBe(42);
  expect(lend(["variable:A"], ["/bin/sh", "-c", "kill -9 $$"]).status).toBe(137);
  const failed = lend([`file:${root}/work`], ["true"]);
  expect(failed.failed).toBe(`imagespec: the target of a secret is a folder of this image: ${root}/work\n`);
  expect(failed.status).toBe(1);
});

const names = hostileText
  .map((text) => text.replaceAll(/[\p{Cc}/]/gu, ""))
  .filter((text) => !/^\.{0,2}$/.test(text));
const paths = fc.array(fc.oneof(fc.constantFrom("a", "b"), names), { minLength: 1, maxLength: 3 });

function meet(left: string, right: string): boolean {
  return `${left}/`.startsWith(`${right}/`) || `${right}/`.startsWith(`${left}/`);
}

test("whatever targets are called and whichever are there already, all is read and nothing stays", () => {
  const targets = fc.uniqueArray(fc.tuple(paths, fc.boolean()), {
    minLength: 1,
    maxLength: 12,
    comparator: ([left], [right]) => meet(left.join("/"), right.join("/")),
  });
  fc.assert(
    fc.property(targets, (given) => {
      const { root, lend } = newPlace();
      const places = given.map(([parts, isThere]) => ({
        path: posix.join(root, "image", ...parts),
        isThere,
      }));
      for (const { path, isThere } of places) {
        if (!isThere) continue;
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, "was there");
      }
      const before = existsSync(join(root, "image")) ? listing(root) : ["work 40755 "];
      const words = places.map(({ path }) => `file:${path}`);
      const result = lend(words, ["cat", ...places.map(({ path }) => path)]);
      expect(result).toEqual({
        status: 0,
        said: places.map((_, n) => `value ${n + 1}\n`).join(""),
        failed: "",
      });
      expect(listing(root)).toEqual(before);
      rmSync(dirname(root), { recursive: true });
    }),
    { numRuns: 12 },
  );
});

test("other shells read it too", () => {
  for (const shell of [
    ["bash", "--posix"],
    ["busybox", "sh"],
  ]) {
    const [program = "", ...options] = shell;
    if (spawnSync(program, ["--help"]).error) continue;
    execFileSync(program, [...options, "-n"], { input: lendSecrets.text });
  }
});
