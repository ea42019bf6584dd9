import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureNode, workspaceDirectory } from "@imagespec/test-services";
import { afterAll, expect, test } from "vitest";

const run = promisify(execFile);
const scratch = await mkdtemp(join(tmpdir(), "imagespec-command-"));
afterAll(() => rm(scratch, { recursive: true }));

/** The built command compiles once and keeps the code; the second run is another program to Node than the first. */
test.each(["20.19", "22", "24"])(
  "the built command reads modules every time, on Node %s",
  async (release) => {
    const directory = await mkdtemp(join(scratch, "project-"));
    await writeFile(
      join(directory, "imagespec.config.mjs"),
      'export default { defaults: { name: "app" } };\n',
    );
    await writeFile(join(directory, "image.mjs"), 'export default { baseImage: "debian:12" };\n');
    const command = join(workspaceDirectory, "node_modules", "imagespec", "bin", "imagespec.js");
    const env = { ...process.env, XDG_CACHE_HOME: join(directory, ".caches") };
    const tag = async (): Promise<string> => {
      const { stdout } = await run(await ensureNode(release), [command, "tag", "image.mjs"], {
        cwd: directory,
        env,
      });
      return stdout.trim();
    };
    const first = await tag();
    expect(first).toMatch(/^app:[a-z2-7]{26}$/);
    expect([await tag(), await tag()]).toEqual([first, first]);
  },
);
