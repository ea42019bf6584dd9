import { comparePlans, type PlanDifference, type PlannedImage, recordImage } from "@imagespec/core";
import { type Against, type Comparison, lastBuilds } from "./against.ts";

/** What of an image is other than at its last build here. */
export type PlanChanges = Readonly<{ against: Against; differences: readonly PlanDifference[] }>;

/** For each image of a spec that was built here before, in the order of the images. */
export async function changesSinceLastBuild(
  planned: readonly PlannedImage[],
  comparison: Omit<Comparison, "images">,
): Promise<readonly (PlanChanges | undefined)[]> {
  const builds = lastBuilds(comparison);
  const changes = planned.map(async ({ specs, image }) => {
    const against = specs.map((position) => builds[position]).find((build) => build !== undefined);
    return against && { against, differences: comparePlans(against.record, await recordImage(image)) };
  });
  return Promise.all(changes);
}
