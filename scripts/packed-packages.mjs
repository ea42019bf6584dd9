// The workspace's packages as they would be published, and empty projects that install them.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Packs what is built, into a folder.
 * @param {string} folder
 * @param {Readonly<{ checkout?: string, names?: readonly string[] }>} options `checkout`: default this one; `names`:
 *   default all packages
 * @returns {Promise<ReadonlyMap<string, string>>} tarballs by the packages' names
 */
export async function packPackages(folder, { checkout = root, names = ["./packages/*"] } = {}) {
  const { packageManager } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8"));
  const filters = names.flatMap((name) => ["--filter", name]);
  const pack = [...filters, "pack", "--json", "--pack-destination", folder];
  const npx = ["--yes", "--loglevel=error", packageManager, ...pack];
  const { stdout } = await execute("npx", npx, { cwd: checkout, maxBuffer: 64 << 20 });
  return new Map([JSON.parse(stdout)].flat().map(({ name, filename }) => [name, filename]));
}

/**
 * Installs packages by npm in an empty project, as somebody does who has only their names: what they need of the
 * workspace comes from its tarball too, at the place where npm puts what comes from a registry.
 * @param {string} folder of the project; made if need be
 * @param {Readonly<{ names: readonly string[], tarballs: ReadonlyMap<string, string> }>} wanted
 */
export async function installPackages(folder, { names, tarballs }) {
  await mkdir(folder, { recursive: true });
  const others = [...tarballs].filter(([name]) => !names.includes(name));
  const overrides = Object.fromEntries(others.map(([name, file]) => [name, `file:${file}`]));
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", overrides }));
  await npmInstall(folder, names, tarballs);
}

/**
 * As \`npm install --global\` does, below a prefix of its own.
 * @param {string} prefix
 * @param {readonly string[]} names
 * @param {ReadonlyMap<string, string>} tarballs
 */
export async function installGlobally(prefix, names, tarballs) {
  await mkdir(prefix, { recursive: true });
  await npmInstall(prefix, names, tarballs, ["--global", "--prefix", prefix]);
}

async function npmInstall(cwd, names, tarballs, more = []) {
  const files = names.map((name) => tarballs.get(name) ?? name);
  const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
  await execute("npm", ["install", ...flags, ...more, ...files], { cwd });
}
