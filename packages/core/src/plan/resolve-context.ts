import path from "node:path";
import type { FileDigests } from "../context/digest-files.ts";
import type { FileTexts } from "../context/file-texts.ts";
import type { ListedFile } from "../context/list-files.ts";
import type { PlannedFile, PlannedTree } from "./build-plan.ts";
import { compareText } from "./encode-canonical.ts";
import type { LentFiles } from "./lent-files.ts";
import type { ContextSource } from "./resolved-image.ts";

/** What the resolution of one image collects beside its plan. */
export type ResolveContext = Readonly<{
  /** Absolute; what the spec's paths are relative to. */
  directory: string;
  digests: FileDigests;
  texts: FileTexts;
  sources: Map<string, ContextSource>;
  lent: LentFiles;
  signal?: AbortSignal | undefined;
}>;

type TreeOptions = Readonly<{
  target: string;
  context: string;
  files: readonly ListedFile[];
  /** Absolute; what the paths of the files are relative to, where that is one folder. */
  base?: string | undefined;
}>;

/** Its path below the working directory, for the plan; undefined where it lies elsewhere. */
export function originOf(
  hostPath: string,
  { directory }: Pick<ResolveContext, "directory">,
): string | undefined {
  const relative = path.relative(directory, hostPath).split(path.sep).join("/");
  return relative === ".." || relative.startsWith("../") ? undefined : relative;
}

function plannedFile(file: ListedFile, sha256: string | undefined): PlannedFile {
  switch (file.type) {
    case "directory":
      return { type: "directory", path: file.path };
    case "symlink":
      return { type: "symlink", path: file.path, target: file.target };
    case "file":
      return { type: "file", path: file.path, mode: file.mode, size: file.size, sha256: sha256! };
  }
}

/** Joins parts of a path below the context or the image, leaving out empty ones. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** The tree that these files make, digested, and their bytes noted as sources of the context. */
export async function planTree(context: ResolveContext, options: TreeOptions): Promise<PlannedTree> {
  const listed = context.lent.without(options.files);
  const regular = listed.filter((file) => file.type === "file");
  const digests = await context.digests.digest(regular, context.signal);
  const files = listed
    .map((file) => plannedFile(file, digests.get(file.hostPath)))
    .sort((a, b) => compareText(a.path, b.path));
  for (const file of regular) {
    context.sources.set(joinPath(options.context, file.path), {
      file: file.hostPath,
      identity: file.identity,
    });
  }
  const origin = options.base === undefined ? undefined : originOf(options.base, context);
  const { target, context: place } = options;
  return { target, context: place, files, ...(origin !== undefined && { origin }) };
}
