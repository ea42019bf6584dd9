import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, renameUnlessThere } from "@imagespec/test-services";

const run = promisify(execFile);

/** What a release is tried with. Kept in the cache: it is much, and no other work needs it. */
const tools = {
  private: true,
  dependencies: { npm: "11.21.2", pnpm: "10.34.8", "@yarnpkg/cli-dist": "4.18.1", verdaccio: "6.7.4" },
  // A dependency asks for a dist-tag, which mirrors of registries do not all have.
  overrides: { "node-fetch": "2.7.0" },
};

async function installTools(directory: string): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  await writeFile(join(unfinished, "package.json"), JSON.stringify(tools));
  const flags = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...flags], { cwd: unfinished });
  await renameUnlessThere(unfinished, directory);
}

async function findTools(): Promise<string> {
  const versions = Object.values(tools.dependencies).join("-");
  const directory = join(cacheDirectory, `release-tools-${versions}`);
  if (!existsSync(directory)) await installTools(directory);
  return directory;
}

let found: Promise<string> | undefined;

/** The folder in which npm, pnpm, yarn and verdaccio of known versions are installed. */
export function ensureReleaseTools(): Promise<string> {
  found ??= findTools();
  return found;
}

export type PackageRegistry = Readonly<{ url: string; close: () => Promise<void> }>;

/** Ours are kept here and nowhere else; what they need comes from where this machine's npm gets it. */
function configuration(storage: string, upstream: string): unknown {
  const own = { access: "$all", publish: "$all" };
  return {
    storage,
    self_path: storage,
    configPath: join(storage, "config.yaml"),
    uplinks: { upstream: { url: upstream } },
    packages: { "@imagespec/*": own, imagespec: own, "**": { access: "$all", proxy: "upstream" } },
    log: { type: "stderr", format: "pretty", level: "fatal" },
    web: { enable: false },
  };
}

/** A private registry on a free loopback port, with nothing of ours in it. Whoever can reach it may publish. */
export async function startPackageRegistry(): Promise<PackageRegistry> {
  const load = createRequire(join(await ensureReleaseTools(), "package.json"));
  const { runServer } = load("verdaccio") as { runServer: (config: unknown) => Promise<Server> };
  const { stdout } = await run("npm", ["config", "get", "registry"]);
  const storage = await mkdtemp(join(tmpdir(), "imagespec-verdaccio-"));
  const server = await runServer(configuration(storage, stdout.trim()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(storage, { recursive: true });
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}
