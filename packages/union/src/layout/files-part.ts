import { posix } from "node:path";
import type { CopiedPath, FilesStep } from "@imagespec/core/builder";
import { type Archive, isBelow, isSame, join, type Placed, withoutFilledFolders } from "./archive.ts";
import { type CopyLayer, contentOf, type Part, type PartOptions, type Placement, placeTree } from "./part.ts";

const inImage = (target: string, relative: string): string =>
  relative === "" ? target : posix.join(target, relative);

/** What the plan says that the image gets. */
function plannedImage({ trees }: FilesStep): Archive {
  const all = trees.flatMap((tree) =>
    tree.files.map((file) => [inImage(tree.target, file.path), contentOf(file)] as const),
  );
  return withoutFilledFolders(new Map(all));
}

/** What it gets by these copies of this archive, one after the other. */
function copiedImage(copies: readonly CopiedPath[], archive: Archive): Archive {
  const image = new Map<string, string>();
  for (const { from, target } of copies) {
    for (const [place, content] of archive) {
      if (place !== from && !isBelow(place, from)) continue;
      image.set(inImage(target, posix.relative(from, place)), content);
    }
  }
  return withoutFilledFolders(image);
}

function originalPlace(imagePath: string, copies: readonly CopiedPath[]): string | undefined {
  const copy = copies.findLast(({ target }) => imagePath === target || isBelow(imagePath, target));
  return copy && join(copy.from, posix.relative(copy.target, imagePath));
}

function placeFiles({ trees }: FilesStep, copies: readonly CopiedPath[], prefix: string): Placed[] {
  return trees.flatMap((tree) =>
    tree.files.flatMap((file) => {
      const to = originalPlace(inImage(tree.target, file.path), copies);
      const from = `${prefix}${tree.context}${file.path === "" ? "" : `/${file.path}`}`;
      return to === undefined || to === "" ? [] : [{ from, to, content: contentOf(file) }];
    }),
  );
}

/** As the official client writes it: a folder with a slash at its end, below the path as it was given. */
function copyLayer({ from, target, isDirectory }: CopiedPath, workDirectory: string): CopyLayer {
  const src = from === "" ? "." : from;
  if (target === posix.join(workDirectory, from)) {
    const parent = isDirectory ? src : posix.dirname(src);
    return { src, dst: `${workDirectory}/${parent}/` };
  }
  if (isDirectory) return { src, dst: `${target}/` };
  const keepsName = posix.basename(target) === posix.basename(from);
  return { src, dst: keepsName ? `${posix.dirname(target)}/`.replace("//", "/") : target };
}

function sourceCopies({ trees: [tree] }: FilesStep): readonly CopiedPath[] | undefined {
  if (tree?.origin === undefined) return undefined;
  return [{ from: tree.origin, target: tree.target, isDirectory: true }];
}

function filesAsWas(step: FilesStep, { prefix, workDirectory }: PartOptions): Placement | undefined {
  const isSource = step.origin === "source";
  const copies = isSource ? sourceCopies(step) : step.copies;
  if (!copies) return undefined;
  const layers = isSource
    ? copies.map(({ from, target }) => ({ src: from === "" ? "." : from, dst: target }))
    : copies.map((copy) => copyLayer(copy, workDirectory));
  const planned = plannedImage(step);
  return {
    placed: placeFiles(step, copies, prefix),
    places: { copies: layers },
    isRight: (archive) => isSame(planned, copiedImage(copies, archive)),
  };
}

/** The part of `sourceRoot` or `copy`. */
export function filesPart(step: FilesStep, options: PartOptions): Part {
  const { prefix } = options;
  const apart: Placement = {
    placed: step.trees.flatMap((tree) => placeTree(tree, { prefix, to: prefix + tree.context })),
    places: { copies: step.trees.map(({ context, target }) => ({ src: prefix + context, dst: target })) },
  };
  return { step, asWas: filesAsWas(step, options), apart };
}
