import { findStep, quoteShell } from "@imagespec/core";
import type { CondaStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** envd splits the command into words itself, so each is quoted once more; a word with a dash would be an option. */
function words(emission: Emission, values: readonly string[], field: string): string[] {
  for (const value of values) {
    if (!value.startsWith("-")) continue;
    const hint = "name a package or a channel";
    emission.refuse(`${JSON.stringify(value)} would be taken for an option`, {
      code: "ENVD_CONDA_ARGUMENT",
      field,
      hint,
    });
  }
  return emission.texts(values, field).map(quoteShell);
}

export function writeConda(emission: Emission, step: CondaStep): void {
  if (step.packages.length === 0) {
    const hint = "name the packages in condaPackages, or remove condaChannels";
    emission.warn("there are channels, but no packages", {
      code: "ENVD_UNUSED_CHANNELS",
      field: "condaChannels",
      hint,
    });
    return;
  }
  const name = words(emission, step.packages, "condaPackages");
  const channel = words(emission, step.channels, "condaChannels");
  emission.call("install.conda_packages", { name, ...(channel.length > 0 && { channel }) });
  const { plan } = emission;
  if (!findStep(plan, "requirements") && !findStep(plan, "project")) return;
  emission.warn("envd installs conda's packages after those of pip, and may replace them", {
    code: "ENVD_CONDA_ORDER",
    field: "condaPackages",
    hint: "put conda's packages into a base image of their own: baseImage takes a spec",
  });
}
