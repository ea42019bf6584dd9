import type { BuildPlan, FilesStep, PlanStep, ProjectStep, RequirementsStep } from "@imagespec/core/builder";
import { flattenPlans } from "../emit/plan-parts.ts";
import { type Archive, findClash } from "./archive.ts";
import { filesPart } from "./files-part.ts";
import type { Part, PartOptions, Placement, StepPlaces } from "./part.ts";
import { projectPart } from "./project-part.ts";
import { requirementsPart } from "./requirements-part.ts";

/** Where everything that Union is sent beside the message lies in the archive. */
export type ContextLayout = Readonly<{
  /** Places in the archive by paths of the context. Empty: nothing is sent. */
  places: ReadonlyMap<string, string>;
  /** Texts that differ from the context's own, by their place in the archive. */
  texts: ReadonlyMap<string, string>;
  /** What the layers of each step name. */
  steps: ReadonlyMap<PlanStep, StepPlaces>;
}>;

function partOf(step: PlanStep, options: PartOptions): Part[] {
  switch (step.kind) {
    case "files":
      return [filesPart(step as FilesStep, options)];
    case "project":
      return [projectPart(step as ProjectStep, options)];
    case "requirements":
      return (step as RequirementsStep).files.length > 0
        ? [requirementsPart(step as RequirementsStep, options)]
        : [];
    default:
      return [];
  }
}

function partsOf(plan: BuildPlan): Part[] {
  const plans = flattenPlans(plan);
  return plans.flatMap(({ steps, workDirectory }, position) => {
    const prefix = "base/".repeat(plans.length - 1 - position);
    return steps.flatMap((step) => partOf(step, { prefix, workDirectory }));
  });
}

/** The part, of those as they were, that cannot stay so beside the others; undefined when all is right. */
function misfit(chosen: readonly Placement[], isAsWas: (position: number) => boolean): number | undefined {
  const clash = findClash(chosen.map(({ placed }) => placed));
  if (clash) return isAsWas(clash[1]) ? clash[1] : clash[0];
  const archive: Archive = new Map(
    chosen.flatMap(({ placed }) => placed.map(({ to, content }) => [to, content])),
  );
  const wrong = chosen.findIndex((one, position) => isAsWas(position) && one.isRight?.(archive) === false);
  return wrong < 0 ? undefined : wrong;
}

function choose(parts: readonly Part[]): readonly Placement[] {
  const apart = new Set(parts.flatMap(({ asWas }, position) => (asWas ? [] : [position])));
  for (;;) {
    const chosen = parts.map((part, position) => (apart.has(position) ? part.apart : part.asWas!));
    const position = misfit(chosen, (one) => !apart.has(one));
    if (position === undefined || apart.has(position)) return chosen;
    apart.add(position);
  }
}

/**
 * The layout for a plan and the bases that are built with it. Files lie as they do below the working directory, which
 * is how the official client sends them; a step whose layers would then make another image than its plan says has
 * folders of its own.
 */
export function layOutContext(plan: BuildPlan): ContextLayout {
  const parts = partsOf(plan);
  const chosen = choose(parts);
  return {
    places: new Map(chosen.flatMap(({ placed }) => placed.map(({ from, to }) => [from, to]))),
    texts: new Map(chosen.flatMap(({ texts }) => [...(texts ?? [])])),
    steps: new Map(parts.map(({ step }, position) => [step, chosen[position]!.places])),
  };
}
