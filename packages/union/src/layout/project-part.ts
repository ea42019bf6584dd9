import type { ProjectStep } from "@imagespec/core/builder";
import { type Archive, isBelow, isSame, join, withoutFilledFolders } from "./archive.ts";
import { type Part, type PartOptions, type Placement, placeTree } from "./part.ts";

function below(archive: Archive, folder: string): Archive {
  return withoutFilledFolders(new Map([...archive].filter(([place]) => isBelow(place, folder))));
}

function place(step: ProjectStep, to: string, prefix: string): Placement {
  const folder = join(to, step.root);
  const placed = placeTree(step.project, { prefix, to });
  const own = below(new Map(placed.map((one) => [one.to, one.content])), folder);
  return {
    placed,
    places: { project: folder === "" ? "." : folder },
    // What is installed is the whole folder, so that nothing else may lie in it.
    isRight: (archive) => !step.installProject || isSame(own, below(archive, folder)),
  };
}

/** The part of a lock or pyproject.toml. */
export function projectPart(step: ProjectStep, { prefix }: PartOptions): Part {
  const { origin, context } = step.project;
  const asWas = origin === undefined ? undefined : place(step, origin, prefix);
  return { step, asWas, apart: place(step, prefix + context, prefix) };
}
