import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { Issue } from "../builder/builder.ts";
import type { FileTexts } from "../context/file-texts.ts";
import { sourceIgnoreRules, standardIgnoreRules } from "../context/ignore-rules.ts";
import { type ListedFile, listFiles } from "../context/list-files.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { UrlCredential } from "../spec/url-credentials.ts";
import type { PlannedTree, ProjectStep } from "./build-plan.ts";
import {
  type LocalDependency,
  poetryLocalDependencies,
  projectLocalDependencies,
  uvLocalDependencies,
} from "./local-dependencies.ts";
import { joinPath, planTree, type ResolveContext } from "./resolve-context.ts";
import { readTomlDocument, type TomlDocument } from "./toml-document.ts";

export type ResolvedProject = Readonly<{
  part: Pick<ProjectStep, "kind" | "tool" | "project" | "root" | "documents" | "installProject">;
  issues: readonly Issue[];
  credentials: readonly UrlCredential[];
}>;

export type ProjectOptions = Readonly<{ tool: ProjectStep["tool"]; file: string; installProject: boolean }>;

const localDependencies = {
  uv: uvLocalDependencies,
  poetry: poetryLocalDependencies,
  pyproject: projectLocalDependencies,
} as const;

async function readDocuments(
  file: string,
  tool: ProjectStep["tool"],
  texts: FileTexts,
): Promise<TomlDocument[]> {
  const project = await readTomlDocument(path.join(path.dirname(file), "pyproject.toml"), texts);
  return tool === "pyproject" ? [project] : [await readTomlDocument(file, texts), project];
}

function commonAncestor(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let ancestor = common;
    while (path.relative(ancestor, folder).startsWith("..")) ancestor = path.dirname(ancestor);
    return ancestor;
  });
}

/** A dependency's place and what is listed of it: everything, or the pyproject.toml that the tool reads. */
async function listDependency(
  hostPath: string,
  installed: boolean,
  { texts }: Pick<ResolveContext, "texts">,
): Promise<readonly ListedFile[]> {
  const found = await stat(hostPath).catch(() => undefined);
  if (!found) {
    throw new ImageSpecError("SPEC_FILE_NOT_FOUND", "a lock file names it, and it is not there", {
      field: "requirements",
      file: hostPath,
      hint: "lock again",
    });
  }
  if (found.isFile()) {
    const base = path.dirname(hostPath);
    return listFiles({
      base,
      path: path.basename(hostPath),
      rules: standardIgnoreRules,
      field: "requirements",
    });
  }
  const rules = installed ? await sourceIgnoreRules(hostPath, texts.ignoreLines) : standardIgnoreRules;
  const part = installed ? "" : "pyproject.toml";
  return listFiles({ base: hostPath, path: part, rules, field: "requirements" });
}

async function listProject(
  folder: string,
  documents: readonly TomlDocument[],
  { installProject, texts }: Pick<ProjectOptions, "installProject"> & Pick<ResolveContext, "texts">,
): Promise<ListedFile[]> {
  const rules = standardIgnoreRules;
  const named = await Promise.all(
    documents.map(({ file }) =>
      listFiles({ base: folder, path: path.basename(file), rules, field: "requirements" }),
    ),
  );
  const all = installProject ? await listDependency(folder, true, { texts }) : [];
  return [...all, ...named.flat()];
}

/** Every file once, by its place below `ancestor`, with the folders above it. */
function mergeBelow(ancestor: string, files: readonly ListedFile[]): ListedFile[] {
  const merged = new Map<string, ListedFile>();
  for (const file of files) {
    const relative = path.relative(ancestor, file.hostPath);
    if (relative === "") continue;
    for (let parent = path.dirname(relative); parent !== "."; parent = path.dirname(parent)) {
      merged.set(parent, { type: "directory", path: parent, hostPath: path.join(ancestor, parent) });
    }
    if (!merged.has(relative)) merged.set(relative, { ...file, path: relative });
  }
  return [...merged.values()];
}

/** A document that held logins goes into the context without them, and is planned as it goes. */
function withoutLogins(
  tree: PlannedTree,
  documents: ReadonlyMap<string, TomlDocument>,
  context: ResolveContext,
): PlannedTree {
  const files = tree.files.map((file) => {
    const document = documents.get(file.path);
    if (file.type !== "file" || !document || document.credentials.length === 0) return file;
    context.sources.set(joinPath(tree.context, file.path), { text: document.text });
    const sha256 = createHash("sha256").update(document.text).digest("hex");
    return { ...file, size: Buffer.byteLength(document.text), sha256 };
  });
  return { ...tree, files };
}

/**
 * The project that a lock or pyproject.toml describes: the files that its tool needs, laid out as on this machine.
 *
 * @throws ImageSpecError `SPEC_FILE_NOT_FOUND`, and as `listFiles`
 */
export async function resolveProject(
  options: ProjectOptions,
  context: ResolveContext,
): Promise<ResolvedProject> {
  const { tool, installProject } = options;
  const file = path.resolve(context.directory, options.file);
  const folder = path.dirname(file);
  const documents = await readDocuments(file, tool, context.texts);
  const table = documents[0]?.table;
  const local: LocalDependency[] = table ? localDependencies[tool](table) : [];
  const listed = await listProject(folder, documents, { installProject, texts: context.texts });
  for (const { path: relative, installed } of local) {
    listed.push(...(await listDependency(path.resolve(folder, relative), installed, context)));
  }
  const folders = local.map((one) => path.dirname(path.resolve(folder, one.path)));
  const ancestor = commonAncestor([folder, ...folders]);
  const root = path.relative(ancestor, folder);
  const files = mergeBelow(ancestor, listed);
  const tree = await planTree(context, {
    target: "/project",
    context: "project",
    files,
    base: ancestor,
  });
  const byPath = new Map(documents.map((one) => [path.relative(ancestor, one.file), one]));
  const meanings = Object.fromEntries([...byPath].map(([place, { meaning }]) => [place, meaning]));
  const project = withoutLogins(tree, byPath, context);
  return {
    part: { kind: "project", tool, project, root, documents: meanings, installProject },
    issues: documents.flatMap(({ issue }) => issue ?? []),
    credentials: documents.flatMap(({ credentials }) => credentials),
  };
}
