import { access } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function gitRoot(directory: string): Promise<string | undefined> {
  if (await isThere(path.join(directory, ".git"))) return directory;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : gitRoot(parent);
}

/** Where a configuration file may lie, the first place first, as the official client looks for it. */
async function candidates(cwd: string, env: Environment): Promise<string[]> {
  const root = await gitRoot(cwd);
  const home = env.HOME || homedir();
  const named = [env.UCTL_CONFIG, env.FLYTECTL_CONFIG].filter((file) => file !== undefined && file !== "");
  return [
    path.join(cwd, "config.yaml"),
    path.join(cwd, ".flyte", "config.yaml"),
    ...(root === undefined ? [] : [path.join(root, ".flyte", "config.yaml")]),
    ...named.map((file) => path.resolve(cwd, file as string)),
    path.join(home, ".union", "config.yaml"),
    path.join(home, ".flyte", "config.yaml"),
  ];
}

/** The configuration file that counts, or undefined where none lies in any of the places. */
export async function findConfig(cwd: string, env: Environment): Promise<string | undefined> {
  for (const file of await candidates(cwd, env)) if (await isThere(file)) return file;
  return undefined;
}
