import type { Canonical } from "../plan/encode-canonical.ts";
import { shortHash } from "../plan/fingerprint.ts";
import { fileName } from "./input-names.ts";
import type { PlanNames } from "./plan-record.ts";
import { readFields, readList, readText, unreadablePlan } from "./read-value.ts";
import type { TagInput } from "./tag-input.ts";

/** Which trees are meant: of `source`, `copy`, `project` or `local`. One target may have trees of several. */
export type TreeContext = Readonly<{ part: string; names: PlanNames }>;

function fileInput(entry: readonly unknown[], place: Pick<TagInput, "name" | "key">): TagInput {
  const [type, , third, digest] = entry;
  switch (type) {
    case "directory":
      return { ...place, kind: "folder", digest: null };
    case "symlink":
      return { ...place, kind: "symlink", digest: null, value: readText(third, "a symlink's target") };
    case "file": {
      if (typeof third !== "boolean") throw unreadablePlan("a file's mode is neither true nor false");
      const sha256 = readText(digest, "a file's digest");
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw unreadablePlan("a file's digest is no sha256");
      return { ...place, kind: "file", digest: `sha256:${sha256}`, executable: third };
    }
    default:
      throw unreadablePlan("something in a tree is neither file, folder nor symlink");
  }
}

function lockedAt(path: string, { locked = {} }: PlanNames): readonly string[] | undefined {
  return Object.hasOwn(locked, path) ? locked[path] : undefined;
}

function treeFiles(files: readonly unknown[], target: string, { part, names }: TreeContext): TagInput[] {
  return files.flatMap((item) => {
    const entry = readList(item, "a file");
    const path = readText(entry[1], "a file's path");
    if (path === "" && entry[0] === "directory") return [];
    const imagePath = path === "" ? target : `${target === "/" ? "" : target}/${path}`;
    const input = fileInput(entry, { name: fileName(imagePath, names), key: `${part} ${imagePath}` });
    const packages = part === "project" ? lockedAt(path, names) : undefined;
    return input.kind === "file" && packages ? { ...input, packages } : input;
  });
}

/** What lies in a tree, after the tree itself. In a label that would be too long, that is only its digest. */
export function treeInputs(value: unknown, context: TreeContext): TagInput[] {
  const { target: place, files, digest } = readFields(value, "a tree");
  const target = readText(place, "a tree's target");
  const slash = target === "/" ? "" : "/";
  const tree = {
    kind: "tree",
    name: fileName(target, context.names),
    key: `${context.part} ${target}${slash}`,
  } as const;
  if (files === undefined) return [{ ...tree, digest: readText(digest, "a tree's digest"), files: null }];
  const list = readList(files, "the files of a tree");
  const inputs = treeFiles(list, target, context);
  const count = inputs.filter(({ kind }) => kind === "file").length;
  return [{ ...tree, digest: shortHash(list as Canonical), files: count }, ...inputs];
}
