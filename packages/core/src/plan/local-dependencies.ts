import type { TomlTable, TomlValue } from "smol-toml";

/**
 * A package of this machine that a lock or project file names, by its path relative to that file. `installed`: the
 * image gets it, so its sources are needed; otherwise the tool only reads its pyproject.toml.
 */
export type LocalDependency = Readonly<{ path: string; installed: boolean }>;

type LockedPackage = Readonly<{ name: string; local: string | undefined; needs: readonly string[] }>;

function tables(value: TomlValue | undefined): TomlTable[] {
  return Array.isArray(value) ? (value.filter((item) => isTable(item)) as TomlTable[]) : [];
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function text(value: TomlValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function names(value: TomlValue | undefined): string[] {
  return tables(value).flatMap((item) => text(item.name) ?? []);
}

function uvPackage(table: TomlTable): LockedPackage {
  const source = isTable(table.source) ? table.source : {};
  const extras = isTable(table["optional-dependencies"]) ? Object.values(table["optional-dependencies"]) : [];
  return {
    name: text(table.name) ?? "",
    local: ["editable", "virtual", "directory", "path"].map((key) => text(source[key])).find((one) => one),
    needs: [...names(table.dependencies), ...extras.flatMap(names)],
  };
}

function reachable(packages: readonly LockedPackage[], from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...packages.filter((one) => one.name === name).flatMap(({ needs }) => needs));
  }
  return seen;
}

/** What a uv.lock names of this machine: workspace members and path dependencies. The format: uv's `lock.rs`. */
export function uvLocalDependencies(lock: TomlTable): LocalDependency[] {
  const packages = tables(lock.package).map(uvPackage);
  const root = packages.find(({ local }) => local === ".");
  const installed = reachable(packages, root ? [root.name] : packages.map(({ name }) => name));
  return packages.flatMap(({ name, local }) =>
    local === undefined || local === "." ? [] : [{ path: local, installed: installed.has(name) }],
  );
}

/** What a poetry.lock names of this machine. */
export function poetryLocalDependencies(lock: TomlTable): LocalDependency[] {
  return tables(lock.package).flatMap((table) => {
    const source = isTable(table.source) ? table.source : {};
    const url = text(source.url);
    const isLocal = source.type === "directory" || source.type === "file";
    return isLocal && url !== undefined ? [{ path: url, installed: true }] : [];
  });
}

/** What `tool.uv.sources` of a pyproject.toml names of this machine. */
export function projectLocalDependencies(project: TomlTable): LocalDependency[] {
  const tool = isTable(project.tool) ? project.tool : {};
  const uv = isTable(tool.uv) ? tool.uv : {};
  const sources = isTable(uv.sources) ? Object.values(uv.sources) : [];
  return sources
    .flatMap((source) => (Array.isArray(source) ? source : [source]))
    .flatMap((source) => (isTable(source) ? (text(source.path) ?? []) : []))
    .map((path) => ({ path, installed: true }));
}
