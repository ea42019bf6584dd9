import { exactReference } from "../reference/exact-reference.ts";
import type { BasePlan } from "./build-plan.ts";

/** The name by which builds take a base: by its digest alone where it is locked. */
export function baseReference(base: BasePlan): string {
  return base.kind === "image" ? base.reference : exactReference(base.reference, base.digest);
}
