import path from "node:path";
import type { FileTexts } from "../context/file-texts.ts";
import type { ListedFile } from "../context/list-files.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { PythonImport } from "./python-imports.ts";

type Modules = ReadonlyMap<string, ListedFile>;

function moduleName(file: string): string {
  return file
    .replace(/\.py$/, "")
    .replace(/(^|\/)__init__$/, "")
    .replaceAll("/", ".");
}

function indexModules(listed: readonly ListedFile[]): Modules {
  const python = listed.filter((file) => file.type === "file" && file.path.endsWith(".py"));
  return new Map(python.map((file) => [moduleName(file.path), file]));
}

function entryModule(entry: string, modules: Modules): string {
  const normal = path.posix.normalize(entry);
  const name = normal.endsWith(".py") ? moduleName(normal) : entry;
  if (modules.has(name)) return name;
  throw new ImageSpecError(
    "SPEC_FILE_NOT_FOUND",
    `sourceRoot holds no Python module ${JSON.stringify(entry)}`,
    {
      field: "sourceEntry",
      hint: "name a module (pkg.main) or a file (pkg/main.py) below sourceRoot",
    },
  );
}

function packageOf(file: ListedFile): string[] {
  const folder = path.posix.dirname(file.path);
  return folder === "." ? [] : folder.split("/");
}

/** Absolute names of what an import may load: the module, and each taken name, which may be a module too. */
function targets(found: PythonImport, file: ListedFile): string[] {
  const folder = packageOf(file);
  const anchor = found.level === 0 ? [] : folder.slice(0, Math.max(0, folder.length - found.level + 1));
  const module = [...anchor, ...found.module.split(".").filter((part) => part !== "")].join(".");
  return [module, ...found.names.map((name) => (module === "" ? name : `${module}.${name}`))];
}

/** Importing `a.b.c` runs `a` and `a.b` before. */
function prefixes(module: string): string[] {
  const parts = module.split(".");
  return parts.map((_, length) => parts.slice(0, length + 1).join("."));
}

async function follow(
  entries: readonly string[],
  modules: Modules,
  texts: FileTexts,
): Promise<Set<ListedFile>> {
  const { pythonImports } = await import("./python-imports.ts");
  const taken = new Set<ListedFile>();
  const open = entries.flatMap(prefixes);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const file = modules.get(name);
    if (!file || taken.has(file)) continue;
    taken.add(file);
    const imports = await texts.parse(file.hostPath, pythonImports);
    open.push(...imports.flatMap((found) => targets(found, file)).flatMap(prefixes));
  }
  return taken;
}

function parents(file: ListedFile): string[] {
  const parts = packageOf(file);
  return parts.map((_, length) => parts.slice(0, length + 1).join("/"));
}

/**
 * Of a source tree the Python files that the entries import, directly or not, and the folders they lie in.
 *
 * @throws ImageSpecError `SPEC_SOURCE_ENTRY` without an entry; `SPEC_FILE_NOT_FOUND` for one that is not there
 */
export async function listImportedFiles(
  listed: readonly ListedFile[],
  sourceEntry: string | readonly string[] | undefined,
  texts: FileTexts,
): Promise<readonly ListedFile[]> {
  const entries = typeof sourceEntry === "string" ? [sourceEntry] : (sourceEntry ?? []);
  if (entries.length === 0) {
    throw new ImageSpecError("SPEC_SOURCE_ENTRY", 'sourceCopyMode "auto" needs to know where to start', {
      field: "sourceEntry",
      hint: 'name the modules that run, for example sourceEntry: ["workflows.main"], or use sourceCopyMode: "all"',
    });
  }
  const modules = indexModules(listed);
  const taken = await follow(
    entries.map((entry) => entryModule(entry, modules)),
    modules,
    texts,
  );
  const folders = new Set([...taken].flatMap(parents));
  return listed.filter((file) => taken.has(file) || (file.type === "directory" && folders.has(file.path)));
}
