import { type BuildPlan, findStep } from "@imagespec/core";

/** Whether micromamba makes the environment; conda then brings the interpreter itself. */
export function needsConda(plan: BuildPlan): boolean {
  return (findStep(plan, "conda")?.packages.length ?? 0) > 0;
}

/** Whether steps of the plan use uv, or may: commands have it on their PATH. */
export function needsUv(plan: BuildPlan): boolean {
  const requirements = findStep(plan, "requirements");
  return (
    (findStep(plan, "python")?.version !== undefined && !needsConda(plan)) ||
    (requirements !== undefined && requirements.files.length + requirements.packages.length > 0) ||
    findStep(plan, "project") !== undefined ||
    findStep(plan, "commands") !== undefined
  );
}
