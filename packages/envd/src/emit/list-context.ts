import { posix } from "node:path";
import type { BuildPlan, PlannedTree, PlanStep, RequirementsText } from "@imagespec/core/builder";

function treesOf(step: PlanStep): readonly PlannedTree[] {
  const {
    trees = [],
    local = [],
    project,
  } = step as {
    trees?: readonly PlannedTree[];
    local?: readonly PlannedTree[];
    project?: PlannedTree;
  };
  return [...trees, ...local, ...(project ? [project] : [])];
}

function textsOf(step: PlanStep): readonly string[] {
  const { files } = step as { files?: readonly RequirementsText[] };
  return (files ?? []).map(({ context }) => context);
}

function withParents(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === "." ? [path] : [...withParents(parent), path];
}

/** The paths of a plan's context and of `others` in it, with the folders above each, sorted. */
export function contextPaths({ steps }: BuildPlan, others: readonly string[]): string[] {
  const all = new Set(others.flatMap(withParents));
  for (const step of steps) {
    for (const text of textsOf(step)) for (const path of withParents(text)) all.add(path);
    for (const { context, files } of treesOf(step)) {
      for (const path of withParents(context)) all.add(path);
      for (const { path } of files) all.add(path === "" ? context : `${context}/${path}`);
    }
  }
  return [...all].sort();
}
