import { comparePlans, type PlanDifference, type PlannedImage, recordPlan } from "@imagespec/core";
import { type Against, type Comparison, lastBuilds } from "./against.ts";

/** What of an image is other than at its last build here. */
export type PlanChanges = Readonly<{ against: Against; differences: readonly PlanDifference[] }>;

/** For each image of a spec that was built here before, in the order of the images. */
export function changesSinceLastBuild(
  planned: readonly PlannedImage[],
  comparison: Omit<Comparison, "images">,
): readonly (PlanChanges | undefined)[] {
  const builds = lastBuilds(comparison);
  return planned.map(({ specs, image }) => {
    const against = specs.map((position) => builds[position]).find((build) => build !== undefined);
    return against && { against, differences: comparePlans(against.record, recordPlan(image.plan)) };
  });
}
