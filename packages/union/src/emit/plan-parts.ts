import type { BuildPlan, PlanStep, SecretMount } from "@imagespec/core/builder";

/** True where the base is a spec that this builder builds: its layers then come first in the same message. */
export function includesBase({ base }: BuildPlan): boolean {
  return base.kind === "image" && (base.plan.builder ?? "union") === "union";
}

/** The plans whose layers make the image, the outermost base first. A base that another builder builds is named. */
export function flattenPlans(plan: BuildPlan): readonly [BuildPlan, ...BuildPlan[]] {
  const { base } = plan;
  if (base.kind !== "image" || !includesBase(plan)) return [plan];
  const [first, ...rest] = flattenPlans(base.plan);
  return [first, ...rest, plan];
}

/** Every secret that the step's tools may read. */
export function stepSecrets(step: PlanStep): readonly SecretMount[] {
  return (step as { secrets?: readonly SecretMount[] }).secrets ?? [];
}
