import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "tsup";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { putImage, startRegistry, type TestRegistry } from "../src/testing/index.ts";

/** They cost the start of a command more than a question does, and are not to be found from the folder of the bundle. */
const heavy = ["undici", "tldts", "smol-toml"];
let folder: string;
let registry: TestRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "imagespec-bundle-"));
  await build({
    config: false,
    entry: { index: join(import.meta.dirname, "../src/index.ts") },
    outDir: folder,
    format: "esm",
    target: "node20",
    silent: true,
    noExternal: [/^@imagespec\//, "zod"],
    external: heavy,
    esbuildOptions: (options) => {
      options.conditions = ["@imagespec/source"];
    },
  });
  registry = await startRegistry({ auth: { kind: "bearer", users: { me: "pw" }, allow: () => true } });
  putImage(registry, "app", { tags: ["v1"] });
});

afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});

/** Runs to the end of the process, or 20 seconds. */
async function run(script: string): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(file, `import { registryClient } from "./index.js";\n${script}`);
  onTestFinished(() => rm(file));
  const env = { PATH: process.env.PATH, HOME: folder };
  return (await promisify(execFile)(process.execPath, [file], { timeout: 20_000, env })).stdout;
}

it.each([
  ["kept connections do not hold a process", ""],
  ["nor does a client that is closed", "await client.close();"],
])("a question needs none of the heavy parts; %s", async (_, end) => {
  const question = `const client = registryClient();
    const answers = [];
    for (const tag of ["v1", "v2"]) answers.push(await client.exists("${registry.host}/app:" + tag, { platforms: ["linux/amd64"] }));
    console.log(answers.map(({ verdict }) => verdict).join());`;
  expect(await run(`${question}${end}`)).toBe("present,absent\n");
});

it("what does need them says so by failing to find them here", async () => {
  const many = `await registryClient({ manyRequests: true }).exists("${registry.host}/app:v1");`;
  await expect(run(many)).rejects.toThrow(/Cannot find package 'undici'/);
});
