import type { IndexOptions, ProjectStep, RequirementsStep, SecretMount } from "@imagespec/core";
import { findStep } from "@imagespec/core";
import type { Emission } from "../emission.ts";

/** The steps that install Python packages. Those of one plan have the same indexes and secrets. */
function packageStep({ plan }: Emission): RequirementsStep | ProjectStep | undefined {
  return findStep(plan, "requirements") ?? findStep(plan, "project");
}

function options(emission: Emission, names: Readonly<{ index: string; extra: string }>): string[] {
  const found: IndexOptions | undefined = packageStep(emission)?.index;
  const index =
    found?.index === undefined ? [] : [`${names.index}=${emission.text(found.index, "pipIndex")}`];
  const extra = emission.texts(found?.extraIndexes ?? [], "pipExtraIndexUrl");
  return [...index, ...extra.map((url) => `${names.extra}=${url}`)];
}

/** Where pip finds uv: where the packages come from. */
export function pipIndexOptions(emission: Emission): string[] {
  return options(emission, { index: "--index-url", extra: "--extra-index-url" });
}

/** For uv, without the user's own arguments. */
export function uvIndexOptions(emission: Emission): string[] {
  return options(emission, { index: "--default-index", extra: "--index" });
}

/** The arguments that the spec hands to the installer as they are. */
export function extraArguments(emission: Emission): string[] {
  return emission.texts(packageStep(emission)?.index.extraArguments ?? [], "pipExtraArgs");
}

/** Tools come from the same indexes as packages, so they need the same secrets. */
export function indexSecrets(emission: Emission): readonly SecretMount[] {
  return packageStep(emission)?.secrets ?? [];
}
