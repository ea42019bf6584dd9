import { posix } from "node:path";
import type { FilesStep, PlannedTree } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** Each copy makes a layer, and an image has room for 127 of them. */
const MOST_COPIES = 64;

type Copy = Readonly<{ source: string; target: string }>;

function topLevel({ files }: PlannedTree): string[] {
  return [...new Set(files.map(({ path }) => path.split("/")[0]!).filter((name) => name !== ""))];
}

/**
 * envd copies a folder into its target where that is there already, and its contents otherwise. So it is told the
 * folder above the target, and the tree lies in the context under the target's own name.
 */
function copiesOf(tree: PlannedTree): readonly Copy[] {
  const { target, context } = tree;
  const isFile = tree.files.some(({ path, type }) => path === "" && type !== "directory");
  if (isFile) return [{ source: context, target }];
  const isNamed = target !== "/" && posix.basename(context) === posix.basename(target);
  const below = (folder: string): string => (folder === "/" ? folder : `${folder}/`);
  if (isNamed) return [{ source: context, target: below(posix.dirname(target)) }];
  return topLevel(tree).map((name) => ({ source: `${context}/${name}`, target: below(target) }));
}

function fieldOf({ origin }: FilesStep): string {
  return origin === "source" ? "sourceRoot" : "copy";
}

export function writeFiles(emission: Emission, step: FilesStep): void {
  const field = fieldOf(step);
  const copies = step.trees.flatMap(copiesOf);
  if (copies.length > MOST_COPIES) {
    const hint = "copy them into one folder";
    const message = `${copies.length} copies make more layers than an image has`;
    emission.refuse(message, { code: "ENVD_TOO_MANY_COPIES", field, hint });
    return;
  }
  for (const { source, target } of copies) {
    emission.call("io.copy", { source: emission.text(source, field), target: emission.text(target, field) });
  }
}
