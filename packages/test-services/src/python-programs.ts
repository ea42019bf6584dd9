import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { ensureSystemPackages, findProgram } from "./system-packages.ts";
import { cacheDirectory } from "./workspace-directory.ts";

/**
 * A folder with what these requirements of pip hold, programs in its `bin`, kept in the cache. Programs that are Python
 * themselves need the folder in PYTHONPATH. Only this folder changes.
 */
export async function ensurePythonPrograms(requirements: readonly string[]): Promise<string> {
  const name = createHash("sha256").update(requirements.join("\n")).digest("hex").slice(0, 16);
  const directory = join(cacheDirectory, "python", name);
  if (existsSync(directory)) return directory;
  await ensureSystemPackages(["pip3"]);
  await mkdir(join(cacheDirectory, "python"), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  const flags = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"];
  await execa(
    findProgram("pip3") ?? "pip3",
    ["install", ...flags, `--target=${unfinished}`, ...requirements],
    {
      stdout: process.stderr,
      stderr: "inherit",
    },
  );
  await renameUnlessThere(unfinished, directory);
  return directory;
}
