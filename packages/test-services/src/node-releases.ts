import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { cacheDirectory } from "./workspace-directory.ts";

/** npm's packages that ship Node's binary; the name for Apple's processors was taken when they came. */
function binaryPackage(): string {
  const name = `${process.platform}-${process.arch}`;
  return name === "darwin-arm64" ? `node-bin-${name}` : `node-${name}`;
}

/**
 * The path of a Node binary of another release, as `20.19` or `24`: the newest that it names when it was first
 * asked for, from npm, kept in the cache.
 */
export async function ensureNode(release: string): Promise<string> {
  if (!/^\d+(\.\d+){0,2}$/.test(release)) throw new Error(`not a release of Node: ${release}`);
  const directory = join(cacheDirectory, "node", release);
  if (!existsSync(directory)) await installNode(release, directory);
  return join(directory, "node_modules", binaryPackage(), "bin", "node");
}

async function installNode(release: string, directory: string): Promise<void> {
  await mkdir(join(cacheDirectory, "node"), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // A version with fewer than three numbers is a range to npm: the newest that begins so.
  await execa("npm", ["install", `--prefix=${unfinished}`, ...flags, `${binaryPackage()}@${release}`]);
  await renameUnlessThere(unfinished, directory);
}
