import {
  type BuildPlan,
  type FilesStep,
  findStep,
  type PlannedTree,
  type PlanStep,
  type ProjectStep,
  type RequirementsStep,
} from "../plan/build-plan.ts";
import { canonicalPlan } from "../plan/fingerprint.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";

/** What of the working directory lies where in the image. */
export type TreeName = Readonly<{ target: string; origin: string }>;

/** How people call what a canonical plan knows by its place in the image alone. Absent where nobody told. */
export type PlanNames = Readonly<{
  /** Requirements files by their position. */
  requirements?: readonly (string | null)[] | undefined;
  trees?: readonly TreeName[] | undefined;
  /** The packages of a project's lock, `pandas==2.3.3`, by the lock's path in the project's tree. */
  locked?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Those of a base that is a plan of its own. */
  base?: PlanNames | undefined;
}>;

/** A plan as it can be kept and compared: the canonical plan, which holds no secrets, and names for its files. */
export type PlanRecord = Readonly<{ plan: unknown; names?: PlanNames | undefined }>;

function treeName({ target, origin }: PlannedTree): TreeName[] {
  return origin === undefined ? [] : [{ target, origin }];
}

function stepTrees(step: PlanStep): TreeName[] {
  switch (step.kind) {
    case "requirements":
      return (step as RequirementsStep).local.flatMap(treeName);
    case "project":
      return treeName((step as ProjectStep).project);
    case "files": {
      const { trees, copies = [] } = step as FilesStep;
      const copied = copies.map(({ from, target }) => ({ target, origin: from }));
      // What was copied later lies over what was copied before.
      return [...trees.flatMap(treeName), ...copied.reverse()];
    }
    default:
      return [];
  }
}

function namesOf({ steps, base }: BuildPlan): PlanNames {
  const requirements = steps.find(({ kind }) => kind === "requirements") as RequirementsStep | undefined;
  return {
    requirements: requirements?.files.map(({ origin }) => origin ?? null) ?? [],
    trees: steps.flatMap(stepTrees),
    base: base.kind === "image" ? namesOf(base.plan) : undefined,
  };
}

/** A plan as plain data. */
export function recordPlan(plan: BuildPlan): PlanRecord {
  return { plan: canonicalPlan(plan), names: namesOf(plan) };
}

async function withLocked(names: PlanNames, image: ResolvedImage): Promise<PlanNames> {
  const base = image.base && names.base ? await withLocked(names.base, image.base) : names.base;
  const project = findStep(image.plan, "project");
  if (!project) return { ...names, base };
  const { lockedPackages } = await import("./locked-packages.ts");
  return { ...names, base, locked: await lockedPackages(project, image) };
}

/** The plan of an image with what else there is to tell of its files: the packages of locks. */
export async function recordImage(image: ResolvedImage): Promise<PlanRecord> {
  const { plan, names = {} } = recordPlan(image.plan);
  return { plan, names: await withLocked(names, image) };
}
