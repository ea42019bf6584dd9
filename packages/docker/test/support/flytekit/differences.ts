import type { Difference } from "./difference.ts";
import { imageDifferences } from "./image-differences.ts";
import { pythonDifferences } from "./python-differences.ts";
import type { CaseName } from "./specs.ts";

export const differences: readonly Difference[] = [...pythonDifferences, ...imageDifferences];

/** All in which the images of a spec are expected to differ. */
export function expectedDifferences(name: CaseName): readonly string[] {
  return differences.flatMap(({ seen }) => seen[name] ?? []).sort();
}
