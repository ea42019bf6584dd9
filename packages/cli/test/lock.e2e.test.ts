import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { connectEngine, ensureBaseImages, publishImage, startDockerRegistry } from "@imagespec/test-services";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import lockSchema from "../schema/imagespec.lock.schema.json" with { type: "json" };
import documentSchema from "../schema/lock.schema.json" with { type: "json" };
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry } = inject("services");
const url = `http://${registry}`;
const platforms = ["linux/amd64", "linux/arm64"];

let base: string;
let digest: string;
let cwd: string;
let images = 0;

beforeAll(ensureCommand);

/** A project whose base is its own, so that its tag can be moved. */
beforeEach(async () => {
  images += 1;
  base = `${registry}/lock/base-${images}:1`;
  digest = await publishImage(url, `lock/base-${images}`, { tags: ["1"], platforms });
  cwd = temporaryFolder({
    "note.txt": "mine",
    "image.yaml": `name: locked-${images}\nregistry: ${registry}/lock\nplatform: linux/amd64\nbase_image: ${base}\ncopy: [note.txt]\n`,
  });
});

/** Passes when the schema that is published allows it. */
function expectValid(schema: object, document: unknown): void {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
}

async function imagespec(...args: readonly string[]): Promise<Ended> {
  return runCommand(args, { cwd, environment: { DOCKER_HOST: dockerHost } });
}

const lockFile = (): string => path.join(cwd, "imagespec.lock.json");
const readLock = (): string => readFileSync(lockFile(), "utf8");

async function environmentOf(reference: string): Promise<readonly string[]> {
  const { Config } = await connectEngine(dockerHost).getImage(reference).inspect();
  return Config.Env ?? [];
}

test("a lock is written, holds the build to what it says when the base moves, and follows when asked to", async () => {
  const unlocked = (await imagespec("tag")).stdout;
  expect(await imagespec("build", "--locked")).toMatchObject({
    code: 2,
    stderr: "error[LOCK_MISSING] imagespec.lock.json: there is no lock\n  hint: imagespec lock   writes it\n",
  });
  expect(await imagespec("lock", "--check")).toMatchObject({ code: 1, stdout: "" });
  expect(await imagespec("lock")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: `added ${base}: ${digest} (linux/amd64, linux/arm64)\nimagespec.lock.json is written\n`,
  });
  const lock = JSON.parse(readLock());
  expect(lock.images[base]).toMatchObject({ digest, platforms: { "linux/amd64": expect.any(String) } });
  expectValid(lockSchema, lock);
  expect(await imagespec("lock", "--check", "--drift")).toMatchObject({ code: 0 });

  const moved = await publishImage(url, `lock/base-${images}`, { tags: ["1"], platforms: ["linux/arm64"] });
  expect(await imagespec("lock", "--check")).toMatchObject({ code: 0 });
  expect(await imagespec("lock", "--check", "--drift")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`error[LOCK_IMAGE_MOVED] imagespec.lock.json: ${base} was ${digest} and`),
  });
  const emitted = await imagespec("emit", "--format", "dockerfile", "--locked");
  expect(emitted.stdout).toContain(
    `FROM --platform=linux/amd64 ${base.replace(/:1$/, "")}@${digest} AS base`,
  );

  const built = await imagespec("build", "--locked", "--progress", "plain");
  expect(built).toMatchObject({ code: 0, stdout: expect.stringMatching(`^${registry}/lock/locked-`) });
  expect(built.stderr).not.toContain("BASE_UNLOCKED");
  expect(built.stdout).not.toContain(unlocked.trim());
  expect((await imagespec("tag", "--locked")).stdout.trim()).toBe(built.stdout.split("@")[0]);
  expect(await environmentOf(built.stdout.trim())).toContain("A=b");

  const text = readLock();
  expect(await imagespec("lock")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`error[BASE_IMAGE_PLATFORM] ${base} is not there for linux/amd64`),
  });
  expect(readLock()).toBe(text);
  expect(moved).not.toBe(digest);
});

test("a lock that lacks something is told of, and with --locked refused", async () => {
  await imagespec("lock");
  const text = readFileSync(path.join(cwd, "image.yaml"), "utf8");
  writeFileSync(path.join(cwd, "image.yaml"), text.replace(/linux\/amd64/, "linux/amd64,linux/s390x"));
  const stale = `error[LOCK_STALE] imagespec.lock.json: ${base}, baseImage of locked-${images}, is not locked for linux/s390x\n`;
  const hint = "  hint: imagespec lock   writes it anew\n";
  expect(await imagespec("lock", "--check")).toMatchObject({ code: 1, stderr: stale + hint });
  for (const command of ["build", "plan", "tag", "exists"]) {
    expect(await imagespec(command, "--locked")).toMatchObject({ code: 2, stdout: "", stderr: stale + hint });
  }
  const document = JSON.parse((await imagespec("lock", "--check", "--json")).stdout);
  expectValid(documentSchema, document);
  expect(document).toMatchObject({
    file: "imagespec.lock.json",
    upToDate: false,
    faults: [{ code: "LOCK_STALE" }],
  });
});

test("the lock lies beside the config, and what one source locks is kept when another is", async () => {
  writeFileSync(path.join(cwd, "imagespec.config.mjs"), "export default {};");
  const other = temporaryFolder();
  const config = ["--config", path.join(cwd, "imagespec.config.mjs"), "--cwd", other];
  writeFileSync(path.join(other, "other.yaml"), `base_image: ${base.replace(/:1$/, ":2")}\n`);
  await publishImage(url, `lock/base-${images}`, { tags: ["2"] });
  await imagespec("lock");
  const merged = await imagespec("lock", "other.yaml", "--json", ...config);
  expectValid(documentSchema, JSON.parse(merged.stdout));
  expect(JSON.parse(merged.stdout)).toMatchObject({
    changed: true,
    images: [
      { reference: base, status: "unchanged", digest },
      { reference: base.replace(/:1$/, ":2"), status: "added" },
    ],
  });
  expect(await imagespec("lock", "--check")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is locked, and no image of the project needs it"),
  });
  expect(await imagespec("lock", "--check", "image.yaml")).toMatchObject({ code: 0 });
  expect((await imagespec("lock")).stderr).toContain(`removed ${base.replace(/:1$/, ":2")}`);
});

test("registries are asked as builds ask them: by the config's mirrors, and with a login", async () => {
  const closed = await startDockerRegistry({
    users: { alice: "s3cret" },
    contents: await ensureBaseImages(),
  });
  try {
    const auth = Buffer.from("alice:s3cret").toString("base64");
    const registries = { "registry.invalid": { mirrors: [registry] } };
    writeFileSync(
      path.join(cwd, "imagespec.config.mjs"),
      `export default ${JSON.stringify({ registries })};`,
    );
    writeFileSync(path.join(cwd, "auth.json"), JSON.stringify({ auths: { [closed.host]: { auth } } }));
    const names = [base.replace(registry, "registry.invalid"), `${closed.host}/base/python-system:1`];
    const specs = names.map((name) => ({ base_image: name, registry_config: "auth.json" }));
    writeFileSync(path.join(cwd, "image.json"), JSON.stringify({ images: specs }));
    expect(await imagespec("lock", "image.json")).toMatchObject({ code: 0 });
    expect(Object.keys(JSON.parse(readLock()).images)).toEqual(names.sort());
  } finally {
    await closed.stop();
  }
});

test("a registry that cannot be reached leaves the old lock as it is", async () => {
  await imagespec("lock");
  const text = readLock();
  const spec = readFileSync(path.join(cwd, "image.yaml"), "utf8");
  writeFileSync(path.join(cwd, "image.yaml"), spec.replace(base, "127.0.0.1:1/none:1"));
  const ended = await imagespec("lock");
  expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining("error[EXISTENCE_UNKNOWN]") });
  expect(await imagespec("lock", "--check", "--drift")).toMatchObject({ code: 1 });
  expect(readLock()).toBe(text);
});

test("a lock that cannot be read stops every command, and none follows a link", async () => {
  writeFileSync(lockFile(), '{"version": 1, "images": {"x": ');
  const refused = {
    code: 2,
    stdout: "",
    stderr:
      "error[LOCK_INVALID] imagespec.lock.json: it is not JSON\n  hint: make it anew: rm imagespec.lock.json && imagespec lock\n",
  };
  for (const command of ["tag", "build", "lock"]) expect(await imagespec(command)).toMatchObject(refused);
  rmSync(lockFile());
  symlinkSync(path.join(cwd, "note.txt"), lockFile());
  expect(await imagespec("lock")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("LOCK_UNREADABLE"),
  });
  expect(readFileSync(path.join(cwd, "note.txt"), "utf8")).toBe("mine");
});
