import type { BuildPlan } from "../plan/build-plan.ts";
import { recordPlan } from "./plan-record.ts";
import type { TagInput } from "./tag-input.ts";
import { tagInputs } from "./tag-inputs.ts";

/** Why a plan's tag is what it is: each input with its digest, in the order of the plan. */
export function explainPlan(plan: BuildPlan): readonly TagInput[] {
  return tagInputs(recordPlan(plan));
}
