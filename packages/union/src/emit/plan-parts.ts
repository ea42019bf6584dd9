import type { BuildPlan, PlanStep, RequirementsStep, SecretMount } from "@imagespec/core/builder";

/** True where Union is sent files beside the message. */
export function needsContext(plan: BuildPlan): boolean {
  return plan.steps.some((step) => {
    if (step.kind === "files" || step.kind === "project") return true;
    return step.kind === "requirements" && (step as RequirementsStep).files.length > 0;
  });
}

/**
 * The plans whose layers make the image, the outermost base first. A base is laid open where this builder builds it
 * and its layers need no files: only the context of the image itself is sent. Any other base is named.
 */
export function flattenPlans(plan: BuildPlan): readonly [BuildPlan, ...BuildPlan[]] {
  const { base } = plan;
  if (base.kind !== "image" || (base.plan.builder ?? "union") !== "union" || needsContext(base.plan))
    return [plan];
  const [first, ...rest] = flattenPlans(base.plan);
  return [first, ...rest, plan];
}

/** Every secret that the step's tools may read. */
export function stepSecrets(step: PlanStep): readonly SecretMount[] {
  return (step as { secrets?: readonly SecretMount[] }).secrets ?? [];
}
