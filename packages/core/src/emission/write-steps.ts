import type { BuildPlan, KnownStep, PlanStep } from "../plan/build-plan.ts";

/** What an emitter does for each kind of step; a kind without an entry is passed over. */
export type StepWriters<E> = {
  readonly [K in KnownStep["kind"]]?: (emission: E, step: Extract<KnownStep, { kind: K }>) => void;
};

/** Calls the writers for the plan's steps, in the plan's order. */
export function writeSteps<E extends Readonly<{ plan: BuildPlan }>>(
  emission: E,
  writers: StepWriters<E>,
): void {
  for (const step of emission.plan.steps) {
    const writer = Object.hasOwn(writers, step.kind) ? writers[step.kind as KnownStep["kind"]] : undefined;
    (writer as ((emission: E, step: PlanStep) => void) | undefined)?.(emission, step);
  }
}
