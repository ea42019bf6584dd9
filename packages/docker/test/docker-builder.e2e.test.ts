import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BuildEvent, BuilderRegistry, createEngine, type ImageSpec } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import { docker } from "../src/index.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);
const noPip = baseImages["python-nopip"];
const folders: string[] = [];

beforeAll(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

afterAll(() => {
  vi.unstubAllEnvs();
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-e2e-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Builds into the engine's store. */
async function build(cwd: string, spec: ImageSpec) {
  const events: BuildEvent[] = [];
  const builders = new BuilderRegistry().register(docker());
  const [outcome] = await createEngine({ builders, cwd }).build([spec], {
    onEvent: (event) => events.push(event),
  });
  if (outcome?.error !== undefined) throw outcome.error;
  return { outcome: outcome!, events };
}

/** What a command of the image prints. */
async function run(image: string, command: readonly string[]): Promise<string> {
  const container = await client.createContainer({ Image: image, Cmd: [...command], Tty: true });
  try {
    await container.start();
    await container.wait();
    const log = await container.logs({ stdout: true, stderr: true });
    return log.toString().replaceAll("\r\n", "\n");
  } finally {
    await container.remove({ force: true });
  }
}

test("what .dockerignore leaves out is not in the image, and a change of times builds no layer again", async () => {
  const files = { "app/main.py": "print(1)\n", "app/secret.env": "x", "notes.md": "x" };
  const cwd = await folderWith({ ...files, ".dockerignore": "**/*.env\nnotes.md\n" });
  const spec: ImageSpec = {
    name: "ignored",
    baseImage: noPip,
    sourceRoot: ".",
    workDirectory: "/app",
    env: { STAMP: randomUUID() },
  };
  const { outcome } = await build(cwd, spec);
  expect(
    (await run(outcome.reference, ["find", "/app", "-type", "f"])).trim().split("\n").toSorted(),
  ).toEqual(["/app/.dockerignore", "/app/app/main.py"]);
  for (const path of Object.keys(files)) await utimes(join(cwd, path), 1e9, 1e9);
  const again = await build(cwd, { ...spec, labels: { again: "1" } });
  expect(again.outcome.reference).not.toBe(outcome.reference);
  const copies = again.events.filter((event) => event.type === "step-start" && event.name.includes("COPY"));
  const steps = copies.map((event) => "step" in event && event.step);
  const ends = again.events.filter((event) => event.type === "step-end" && steps.includes(event.step));
  expect(ends.length).toBeGreaterThan(0);
  expect(ends.every((event) => event.type === "step-end" && event.cached)).toBe(true);
});

test("a base without pip gets uv from this machine; the image that is there is not built again", async () => {
  const cwd = await folderWith({});
  const spec: ImageSpec = {
    name: "no-pip",
    baseImage: noPip,
    packages: ["six==1.16.0"],
    env: { STAMP: randomUUID() },
  };
  const { outcome, events } = await build(cwd, spec);
  expect(await run(outcome.reference, ["python3", "-c", "import six; print(six.__version__)"])).toBe(
    "1.16.0\n",
  );
  expect(events.filter(({ type }) => type === "image-end")).toMatchObject([{ status: "built" }]);
  expect((await build(cwd, spec)).outcome.status).toBe("present");
});

test("a nested base is taken from the engine's own store, and its user is kept", async () => {
  const cwd = await folderWith({});
  const baseImage: ImageSpec = {
    name: "nested",
    baseImage: baseImages["python-nonroot"],
    env: { STAMP: randomUUID() },
  };
  const { outcome } = await build(cwd, { name: "outer", baseImage, commands: ["id -u > /uid"] });
  expect(await run(outcome.reference, ["sh", "-c", "cat /uid; id -un; echo $STAMP"])).toBe(
    `0\napp\n${baseImage.env?.STAMP}\n`,
  );
});
