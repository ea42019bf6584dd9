import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextEntries } from "../context/context-entries.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { resolveImage } from "./resolve-plan.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "imagespec-lent-"));
  mkdirSync(join(directory, "keys"));
  writeFileSync(join(directory, "keys/netrc"), "machine a login b password hunter2\n");
  linkSync(join(directory, "keys/netrc"), join(directory, "hard"));
  symlinkSync("keys/netrc", join(directory, "soft"));
  writeFileSync(join(directory, "main.py"), "print(1)\n");
});

afterEach(() => rmSync(directory, { recursive: true }));

const lent = { pipSecretMounts: [["keys/netrc", "/root/.netrc"]] } as const;

async function resolve(spec: ImageSpec) {
  const image = await resolveImage(spec, { cwd: directory, hostPlatform: "linux/amd64" });
  const paths: string[] = [];
  for await (const entry of contextEntries(image)) if (entry.type !== "directory") paths.push(entry.path);
  return { paths, fingerprint: image.fingerprint };
}

test("a secret that lies in the source tree is not sent, by whatever name, and not hashed", async () => {
  const spec = { sourceRoot: ".", ...lent };
  const before = await resolve(spec);
  expect(before.paths).toEqual(["source/root/main.py", "source/root/soft"]);
  writeFileSync(join(directory, "keys/netrc"), "machine a login b password rotated\n");
  expect((await resolve(spec)).fingerprint).toBe(before.fingerprint);
});

test("nor one that a builder lends to other steps", async () => {
  const secretMounts = [{ secret: "hard", target: "TOKEN" }, { target: 1 }, null];
  const { paths } = await resolve({ sourceRoot: ".", builderOptions: { docker: { secretMounts } } });
  expect(paths).toEqual(["source/root/main.py", "source/root/soft"]);
});

test("nor in a folder that is copied", async () => {
  expect((await resolve({ copy: ["keys", "main.py"], ...lent })).paths).toEqual(["copy/0/root/main.py"]);
});

test("a file that is not lent is sent", async () => {
  const { paths } = await resolve({ copy: ["keys"], pipSecretMounts: [["other", "/root/.netrc"]] });
  expect(paths).toEqual(["copy/0/root/keys/netrc"]);
});

test.each(["keys/netrc", "hard"])(
  "a secret that is copied by a name of its own is refused: %s",
  async (name) => {
    await expect(resolve({ copy: ["main.py", name], ...lent })).rejects.toMatchObject({
      code: "SPEC_SECRET_COPIED",
      details: { field: "copy[1]", file: name },
    });
  },
);
