import { type ExecFileOptions, execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { ensureNode } from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureReleaseTools, type PackageRegistry, startPackageRegistry } from "./package-registry.ts";
import { publicPackages } from "./public-packages.ts";
import { makeReleaseCopy, type ReleaseCopy } from "./release-copy.ts";

const run = promisify(execFile);
const packages = await publicPackages();
const names = packages.map(({ name }) => name);
const scratch = await mkdtemp(join(tmpdir(), "imagespec-canary-"));
let copy: ReleaseCopy;
let registry: PackageRegistry;
let tools: string;

beforeAll(async () => {
  [copy, registry, tools] = await Promise.all([
    makeReleaseCopy(),
    startPackageRegistry(),
    ensureReleaseTools(),
  ]);
  // npm wants a login before it sends anything; this registry asks for none.
  const { host } = new URL(registry.url);
  await writeFile(join(scratch, "npmrc"), `registry=${registry.url}\n//${host}/:_authToken=none\n`);
  await writeFile(join(scratch, "image.yaml"), "name: canary\nbaseImage: debian:12\npackages: [pandas]\n");
});

afterAll(async () => {
  await registry?.close();
  await copy?.remove();
  await rm(scratch, { recursive: true });
});

/** Nothing of whoever runs this counts: caches, logins, settings and the repository are the canary's own. */
function surroundings(node: string = process.execPath): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|yarn_|github_|ci_|node_options$)/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    CI: "true",
    NPM_CONFIG_USERCONFIG: join(scratch, "npmrc"),
    NPM_CONFIG_CACHE: join(scratch, "npm-cache"),
    NPM_CONFIG_STORE_DIR: join(scratch, "pnpm-store"),
    XDG_CACHE_HOME: join(scratch, "caches"),
    YARN_GLOBAL_FOLDER: join(scratch, "yarn"),
    YARN_NPM_REGISTRY_SERVER: registry.url,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    YARN_ENABLE_TELEMETRY: "false",
    // What is published a moment ago is what is wanted here.
    YARN_NPM_MINIMAL_AGE_GATE: "0",
  };
}

/** What a program prints; where it fails, all of it is the error. */
async function inspect(program: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  try {
    return String((await run(program, args, options)).stdout);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

async function release(...flags: readonly string[]): Promise<readonly string[]> {
  const script = join(copy.directory, "scripts", "release.mjs");
  const args = [script, `--registry=${registry.url}`, ...flags];
  const { stdout } = await run(process.execPath, args, { env: surroundings() });
  return stdout.trim().split("\n").sort();
}

type Published = Readonly<{ version: string; repository?: unknown }>;
type Packument = Readonly<{ versions: Record<string, Published>; "dist-tags": { latest: string } }>;

async function published(name: string): Promise<Published | undefined> {
  const answer = await fetch(`${registry.url}${name.replace("/", "%2f")}`);
  if (answer.status === 404) return undefined;
  const { versions, "dist-tags": tags } = (await answer.json()) as Packument;
  return versions[tags.latest];
}

async function manifestOf(directory: string): Promise<Published> {
  const place = join(copy.directory, "packages", directory.split("/").at(-1)!, "package.json");
  return JSON.parse(await readFile(place, "utf8"));
}

describe("a release", () => {
  test("that is only tried publishes nothing", async () => {
    const lines = await release("--dry-run");
    expect(lines).toHaveLength(names.length);
    for (const line of lines) expect(line).toMatch(/^would go {3}\S+@\d+\.\d+\.\d+$/);
    for (const name of names) expect(await published(name)).toBe(undefined);
  });

  test("publishes every package once, with where it comes from", async () => {
    expect(await release("--no-provenance")).toHaveLength(names.length);
    for (const { name, directory } of packages) {
      const { version } = await manifestOf(directory);
      const repository = {
        type: "git",
        url: "git+https://git.example.com/org/imagespec.git",
        directory: `packages/${directory.split("/").at(-1)}`,
      };
      expect(await published(name)).toMatchObject({ version, repository });
      expect(await manifestOf(directory)).not.toHaveProperty("repository");
    }
    for (const line of await release("--no-provenance")) expect(line).toMatch(/^present /);
  });

  test("without a version of its own is refused", async () => {
    await writeFile(
      join(copy.directory, ".changeset", "late.md"),
      '---\n"imagespec": patch\n---\n\nA change.\n',
    );
    await expect(release("--dry-run")).rejects.toThrow(/changes have no version yet: late\.md/);
  });
});

/** How each manager adds packages, and runs what they bring. What one Node's run fetched is there for the next. */
const managers = {
  npm: {
    program: "npm/bin/npm-cli.js",
    add: ["install", "--no-audit", "--no-fund", "--prefer-offline"],
    exec: ["exec", "--"],
  },
  pnpm: { program: "pnpm/bin/pnpm.cjs", add: ["add", "--prefer-offline"], exec: ["exec"] },
  yarn: { program: "@yarnpkg/cli-dist/bin/yarn.js", add: ["add"], exec: ["exec"] },
} as const;

const smoke = `
import { execFileSync } from "node:child_process";
for (const entry of ${JSON.stringify(packages.flatMap(({ entries }) => entries))}) await import(entry);
const { default: schema } = await import("imagespec/schema/image.schema.json", { with: { type: "json" } });
const imagespec = (...args) => execFileSync("imagespec", args, { encoding: "utf8" });
const help = imagespec("--help").split("\\n", 1)[0];
const [version, tag] = [imagespec("--version"), imagespec("tag", "../image.yaml")].map((line) => line.trim());
console.log(JSON.stringify({ node: process.versions.node, schema: schema.title, help, version, tag }));
`;

describe.each(["20.19", "22", "24"])("on Node %s", (wanted) => {
  test.concurrent.each(Object.keys(managers) as (keyof typeof managers)[])(
    "what %s installs by name works",
    async (name) => {
      const { program, add, exec } = managers[name];
      const node = await ensureNode(wanted);
      const project = join(scratch, `${name}-${wanted}`);
      await mkdir(project);
      await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
      await writeFile(join(project, "yarn.lock"), "");
      await writeFile(join(project, "smoke.mjs"), smoke);
      const manager = async (...args: readonly string[]): Promise<string> => {
        const all = [join(tools, "node_modules", program), ...args];
        return (await inspect(node, all, { cwd: project, env: surroundings(node) })).trim();
      };

      // What builder-testkit asks of those who install it, and what that asks in turn.
      await manager(...add, ...names, "vitest", "vite");
      expect(JSON.parse(await manager(...exec, "node", "smoke.mjs"))).toEqual({
        node: expect.stringMatching(new RegExp(`^${wanted}\\.`)),
        schema: "imagespec image file",
        help: "Usage: imagespec [options] [command]",
        version: (await manifestOf("cli")).version,
        tag: expect.stringMatching(/^canary:[a-z2-7]{26}$/),
      });
    },
  );
});
