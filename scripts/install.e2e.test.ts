import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installGlobally, installPackages, packPackages } from "./packed-packages.mjs";

const run = promisify(execFile);
const scratch = await mkdtemp(join(tmpdir(), "imagespec-install-"));
afterAll(() => rm(scratch, { recursive: true }));

let tarballs: ReadonlyMap<string, string>;
const project = join(scratch, "project");

beforeAll(async () => {
  tarballs = await packPackages(scratch);
  await installPackages(project, { names: ["@imagespec/core", "@imagespec/docker"], tarballs });
});

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

test("core and docker bring nothing of other builders, registries or the command", async () => {
  const installed = await readdir(join(project, "node_modules"));
  const ours = await readdir(join(project, "node_modules", "@imagespec"));
  expect(ours.sort()).toEqual(["core", "docker"]);
  const strangers = ["imagespec", "undici", "jiti", "commander", "@connectrpc", "@flyteorg", "dockerode"];
  expect(installed.filter((name) => strangers.includes(name))).toEqual([]);
});

/** A third party's builder with a core of its own, of another version, whose errors it throws. */
async function installTwin(folder: string): Promise<void> {
  const twin = join(folder, "node_modules", "imagespec-builder-twin");
  const core = join(twin, "node_modules", "@imagespec", "core");
  await cp(join(project, "node_modules"), join(scratch, "own"), { recursive: true });
  await mkdir(twin);
  await rename(join(scratch, "own"), join(twin, "node_modules"));
  const manifest = JSON.parse(await readFile(join(core, "package.json"), "utf8"));
  await writeFile(join(core, "package.json"), JSON.stringify({ ...manifest, version: "0.9.9" }));
  await writeFiles(twin, {
    "package.json": JSON.stringify({ name: "imagespec-builder-twin", type: "module", exports: "./index.js" }),
    "index.js": `import { ImageSpecError } from "@imagespec/core";
      export const ownError = ImageSpecError;
      export default () => ({
        interfaceVersion: 1, name: "twin", capabilities: { localStore: true },
        probe: async () => ({ available: true, version: "1" }),
        exists: async () => ({ verdict: "absent" }),
        async build() { throw new ImageSpecError("TWIN_FAILED", "no", { hint: "a hint of its own" }); },
      });`,
  });
}

describe("two versions of core in one tree", () => {
  beforeAll(() => installTwin(project));

  test("do not break a program", async () => {
    const program = `
      import { BuilderRegistry, createEngine, ImageSpecError } from "@imagespec/core";
      import twin, { ownError } from "imagespec-builder-twin";
      const engine = createEngine({ builders: new BuilderRegistry().register(twin()) });
      const [{ error }] = await engine.build([{ name: "a", builder: "twin" }], { push: false });
      console.log(ownError === ImageSpecError, ImageSpecError.isInstance(new ownError("A", "b")), error.code, error.details.hint);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: project,
    });
    expect(stdout).toBe("false true TWIN_FAILED a hint of its own\n");
  });
});

describe("the command, installed globally", () => {
  const prefix = join(scratch, "global");
  const empty = join(scratch, "empty");
  // What runs the tests may name folders of packages there.
  const { NODE_PATH: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: scratch, XDG_CACHE_HOME: join(scratch, ".cache") };

  async function imagespec(...args: readonly string[]): Promise<string> {
    const command = join(prefix, "bin", "imagespec");
    const { stdout } = await run(command, [...args], { cwd: empty, env }).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout: stdout + stderr }),
    );
    return stdout;
  }

  beforeAll(async () => {
    await mkdir(empty);
    await installGlobally(prefix, ["imagespec", "@imagespec/core", "@imagespec/registry"], tarballs);
  });

  test("finds a third party's builder beside the spec, which has a core of its own", async () => {
    await writeFiles(project, { "image.yaml": "name: a\nbuilder: twin\nbaseImage: debian:12\n" });
    expect(await imagespec("build", join(project, "image.yaml"))).toMatch(
      /error\[TWIN_FAILED\] .*no\n {2}hint: a hint of its own\n/,
    );
  });

  test("finds a builder that is installed beside it, and says how to install one that is not", async () => {
    expect(await imagespec("builders")).toMatch(
      /^union .* no: not installed \(npm install @imagespec\/union\)/m,
    );
    await installGlobally(prefix, ["@imagespec/union", "@imagespec/core"], tarballs);
    const listed = await imagespec("builders");
    expect(listed).toMatch(/^union /m);
    expect(listed).not.toMatch(/^union .* not installed/m);
    await writeFiles(empty, { "image.yaml": "name: a\nbuilder: union\nplatform: linux/amd64\n" });
    expect(await imagespec("emit", "--format", "union")).toContain('"envVariables"');
  });
});
