import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { workspaceDirectory } from "@imagespec/test-services";

export type PublicPackage = Readonly<{
  name: string;
  directory: string;
  /** What can be imported: the name, and the name with a subpath. */
  entries: readonly string[];
  /** The declarations of each, from the package's folder. */
  declarations: readonly string[];
  commands: readonly string[];
  /** Packages of the workspace that it needs at run time. */
  needs: readonly string[];
}>;

type Manifest = Readonly<{
  name: string;
  private?: boolean;
  exports?: Readonly<Record<string, string | Readonly<{ types: string }>>>;
  bin?: Readonly<Record<string, string>>;
  dependencies?: Readonly<Record<string, string>>;
}>;

/** Every package of the workspace that is published. */
export async function publicPackages(): Promise<readonly PublicPackage[]> {
  const folder = join(workspaceDirectory, "packages");
  const directories = (await readdir(folder)).sort().map((name) => join(folder, name));
  const described = await Promise.all(directories.map(describePackage));
  return described.filter((found) => found !== undefined);
}

async function describePackage(directory: string): Promise<PublicPackage | undefined> {
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Manifest;
  if (manifest.private === true) return undefined;
  const { name, exports = {}, bin = {}, dependencies = {} } = manifest;
  const entries = Object.keys(exports).filter((path) => !path.endsWith(".json"));
  const declarations = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [] : entry.types,
  );
  const needs = Object.keys(dependencies).filter((key) => dependencies[key]?.startsWith("workspace:"));
  return {
    name,
    directory,
    entries: entries.map((path) => path.replace(/^\./, name)),
    declarations,
    commands: Object.keys(bin),
    needs,
  };
}

/** The names of a package and of all of the workspace that it needs, directly or not. */
export function workspaceClosure(name: string, packages: readonly PublicPackage[]): readonly string[] {
  const names = new Set([name]);
  // A set hands out what is added while it is walked.
  for (const current of names) {
    for (const needed of packages.find((found) => found.name === current)?.needs ?? []) names.add(needed);
  }
  return [...names];
}
