import type { Issue } from "../builder/builder.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";

function unlockedBase({ plan: { base } }: ResolvedImage): readonly string[] {
  const isByName = base.kind === "reference" && base.digest === undefined && !base.reference.includes("@");
  return isByName ? [base.reference] : [];
}

/** One warning for all bases that are taken by name; undefined where there is none. */
export function unlockedBases(images: readonly ResolvedImage[]): Issue | undefined {
  const bases = [...new Set(images.flatMap(unlockedBase))].sort();
  if (bases.length === 0) return undefined;
  const verb = bases.length === 1 ? "is taken by its name, which" : "are taken by their names, which";
  return {
    code: "BASE_UNLOCKED",
    severity: "warning",
    field: "baseImage",
    message: `${bases.join(", ")} ${verb} may mean something else tomorrow`,
    hint: "imagespec lock   pins it by digest",
  };
}
