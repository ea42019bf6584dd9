import type { IndexOptions } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { packageStep } from "../tools-of-plan.ts";

type Names = Readonly<{ index: string; extra: string }>;

function options(emission: Emission, names: Names, mirror?: string): string[] {
  const found: IndexOptions | undefined = packageStep(emission.plan)?.index;
  const first = found?.index ?? mirror;
  const index = first === undefined ? [] : [`${names.index}=${emission.text(first, "pipIndex")}`];
  const extra = emission.texts(found?.extraIndexes ?? [], "pipExtraIndexUrl");
  return [...index, ...extra.map((url) => `${names.extra}=${url}`)];
}

/** Where pip finds uv: where the packages come from. */
export function pipIndexOptions(emission: Emission): string[] {
  const names = { index: "--index-url", extra: "--extra-index-url" };
  return options(emission, names, emission.options.pipMirror);
}

const uvNames: Names = { index: "--default-index", extra: "--index" };

/** For uv, without the user's own arguments. */
export function uvIndexOptions(emission: Emission): string[] {
  return options(emission, uvNames, emission.options.pipMirror);
}

/** For a lock, which names the indexes of its packages. */
export function lockIndexOptions(emission: Emission): string[] {
  return options(emission, uvNames);
}

/** The arguments that the spec hands to the installer as they are. */
export function extraArguments(emission: Emission): string[] {
  return emission.texts(packageStep(emission.plan)?.index.extraArguments ?? [], "pipExtraArgs");
}
