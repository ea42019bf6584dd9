import { type BuildPlan, findStep, type ProjectStep, type RequirementsStep } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { type SecretStep, secretSteps } from "../secret-mount-option.ts";

/** The step that installs Python packages. Where there are two, they have the same indexes and secrets. */
export function packageStep(plan: BuildPlan): RequirementsStep | ProjectStep | undefined {
  return findStep(plan, "requirements") ?? findStep(plan, "project");
}

/** Whether micromamba makes the environment; conda then brings the interpreter itself. */
export function needsConda(plan: BuildPlan): boolean {
  return (findStep(plan, "conda")?.packages.length ?? 0) > 0;
}

/** An environment of our own may be made, first on PATH. */
export function bringsEnvironment(plan: BuildPlan): boolean {
  return needsConda(plan) || findStep(plan, "python")?.version !== undefined;
}

/** Whether steps of the plan use uv, or may: commands have it on their PATH. */
export function needsUv(plan: BuildPlan): boolean {
  return installsPython(plan) || findStep(plan, "commands") !== undefined;
}

function installsPython(plan: BuildPlan): boolean {
  const requirements = findStep(plan, "requirements");
  return (
    (findStep(plan, "python")?.version !== undefined && !needsConda(plan)) ||
    (requirements !== undefined && requirements.files.length + requirements.packages.length > 0) ||
    findStep(plan, "project") !== undefined
  );
}

/** The steps of a plan that secrets can be lent to. Of an index our own tools come as well, unless an image has them. */
export function secretStepsOf(plan: BuildPlan, { uvImage }: DockerOptions): readonly SecretStep[] {
  const isThere: Readonly<Record<SecretStep, boolean>> = {
    apt: findStep(plan, "apt") !== undefined,
    pip: installsPython(plan) || (needsUv(plan) && uvImage === undefined),
    conda: needsConda(plan),
    commands: findStep(plan, "commands") !== undefined,
  };
  return secretSteps.filter((step) => isThere[step]);
}
