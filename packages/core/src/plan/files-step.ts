import path from "node:path";
import { copyIgnoreRules, type IgnoreRules, sourceIgnoreRules } from "../context/ignore-rules.ts";
import { type ListedFile, listFiles } from "../context/list-files.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { CopyEntry, ImageSpec } from "../spec/image-spec.ts";
import type { CopiedPath, FilesStep, PlannedTree } from "./build-plan.ts";
import { joinPath, planTree, type ResolveContext } from "./resolve-context.ts";
import { listImportedFiles } from "./source-imports.ts";

type CopyOrder = Readonly<{ from: string; to: string | undefined; field: string }>;
/** Files by their absolute path in the image. */
type Placed = Map<string, ListedFile>;

function copyOrder(entry: CopyEntry, position: number): CopyOrder {
  const field = `copy[${position}]`;
  const { from, to } = typeof entry === "string" ? { from: entry, to: undefined } : entry;
  const normal = path.posix.normalize(from).replace(/\/+$/, "") || ".";
  if (path.posix.isAbsolute(from) || normal === ".." || normal.startsWith("../")) {
    throw new ImageSpecError(
      "SPEC_PATH_OUTSIDE",
      `${JSON.stringify(from)} leads out of the working directory`,
      {
        field,
        hint: "copy takes relative paths below the working directory; use sourceRoot for a tree elsewhere",
      },
    );
  }
  return { from: normal === "." ? "" : normal, to, field };
}

/** Where the copied path itself goes: `to` is a folder when it ends in a slash and what is copied is no folder. */
function targetOf(order: CopyOrder, isDirectory: boolean, workDirectory: string): string {
  if (order.to === undefined) return path.posix.join(workDirectory, order.from);
  const target = path.posix.resolve(workDirectory, order.to);
  const below = order.to.endsWith("/") && !isDirectory;
  return below ? path.posix.join(target, path.posix.basename(order.from)) : target;
}

function conflict(imagePath: string, field: string): ImageSpecError {
  return new ImageSpecError("SPEC_COPY_CONFLICT", `${imagePath} would be a folder and a file at once`, {
    field,
    hint: "copy one of them to another place",
  });
}

function checkParents(placed: Placed, imagePath: string, field: string): void {
  for (let parent = path.posix.dirname(imagePath); parent !== "/"; parent = path.posix.dirname(parent)) {
    const above = placed.get(parent);
    if (above && above.type !== "directory") throw conflict(parent, field);
  }
}

function place(
  placed: Placed,
  imagePath: string,
  { file, field }: { file: ListedFile; field: string },
): void {
  const there = placed.get(imagePath);
  if (there && (there.type === "directory") !== (file.type === "directory")) throw conflict(imagePath, field);
  placed.set(imagePath, file);
}

function isBelow(imagePath: string, directory: string): boolean {
  return imagePath !== directory && imagePath.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** Of these folders those that lie in no other one. */
function outermost(folders: ReadonlySet<string>): string[] {
  return [...folders].filter((one) => ![...folders].some((other) => isBelow(one, other))).sort();
}

function addParents(files: Map<string, ListedFile>, relative: string): void {
  for (let parent = path.posix.dirname(relative); parent !== "."; parent = path.posix.dirname(parent)) {
    if (!files.has(parent)) files.set(parent, { type: "directory", path: parent, hostPath: "" });
  }
}

function filesBelow(placed: Placed, root: string): ListedFile[] {
  const files = new Map<string, ListedFile>();
  for (const [imagePath, file] of placed) {
    if (imagePath !== root && !isBelow(imagePath, root)) continue;
    const relative = path.posix.relative(root, imagePath);
    files.set(relative, { ...file, path: relative });
    if (relative !== "") addParents(files, relative);
  }
  return [...files.values()];
}

async function listCopy(
  order: CopyOrder,
  context: ResolveContext,
  rules: IgnoreRules,
): Promise<readonly ListedFile[]> {
  const { field, from } = order;
  return listFiles({ base: context.directory, path: from, rules, field, signal: context.signal });
}

/** A tree lies under its target's own name: some tools can only copy a folder by name. */
function contextPlace(folder: string, target: string): string {
  return joinPath(folder, path.posix.basename(target));
}

async function treesOf(
  placed: Placed,
  roots: ReadonlySet<string>,
  context: ResolveContext,
): Promise<PlannedTree[]> {
  const trees: PlannedTree[] = [];
  for (const [position, target] of outermost(roots).entries()) {
    trees.push(
      await planTree(context, {
        target,
        context: contextPlace(`copy/${position}`, target),
        files: filesBelow(placed, target),
      }),
    );
  }
  return trees;
}

/**
 * The step of `copy`. What lies below the work directory makes one tree; every other target makes its own. Where two
 * entries write the same path, the later one is kept.
 *
 * @throws ImageSpecError `SPEC_PATH_OUTSIDE`, `SPEC_COPY_CONFLICT`, and as `listFiles`
 */
export async function resolveCopy(
  spec: ImageSpec,
  workDirectory: string,
  context: ResolveContext,
): Promise<FilesStep | undefined> {
  const orders = (spec.copy ?? []).map(copyOrder);
  if (orders.length === 0) return undefined;
  const rules = await copyIgnoreRules(context.directory, context.texts.ignoreLines);
  const placed: Placed = new Map();
  const roots = new Set<string>();
  const copies: CopiedPath[] = [];
  for (const order of orders) {
    const listed = await listCopy(order, context, rules);
    context.lent.refuse(listed, order);
    const isDirectory = listed[0]?.type === "directory";
    const target = targetOf(order, isDirectory, workDirectory);
    for (const file of listed) place(placed, joinImagePath(target, file.path), { file, field: order.field });
    const root = isDirectory ? target : path.posix.dirname(target);
    roots.add(isBelow(root, workDirectory) ? workDirectory : root);
    copies.push({ from: order.from, target, isDirectory });
  }
  for (const imagePath of placed.keys()) checkParents(placed, imagePath, "copy");
  const trees = await treesOf(placed, roots, context);
  const isEmpty = trees.every(({ files }) => files.length === 0);
  return isEmpty ? undefined : { kind: "files", origin: "copy", trees, copies };
}

function joinImagePath(target: string, relative: string): string {
  return target === "/" ? `/${relative}` : joinPath(target, relative);
}

/**
 * The step of `sourceRoot`: its tree goes into the work directory.
 *
 * @throws ImageSpecError as `listFiles` and `listImportedFiles`
 */
export async function resolveSource(
  spec: ImageSpec,
  workDirectory: string,
  context: ResolveContext,
): Promise<FilesStep | undefined> {
  const mode = spec.sourceCopyMode ?? "all";
  if (spec.sourceRoot === undefined || mode === "none") return undefined;
  const base = path.resolve(context.directory, spec.sourceRoot);
  const rules = await sourceIgnoreRules(base, context.texts.ignoreLines);
  const listed = await listFiles({ base, rules, field: "sourceRoot", signal: context.signal });
  const files = mode === "auto" ? await listImportedFiles(listed, spec.sourceEntry, context.texts) : listed;
  const below = files.filter((file) => file.path !== "");
  if (below.length === 0) return undefined;
  const place = contextPlace("source", workDirectory);
  const tree = await planTree(context, { target: workDirectory, context: place, files: below, base });
  return { kind: "files", origin: "source", trees: [tree] };
}
