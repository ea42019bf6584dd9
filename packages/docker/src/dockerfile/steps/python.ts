import type { CondaStep, PythonStep } from "@imagespec/core";
import { findStep } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { CONDA_PYTHON, MICROMAMBA_IMAGE } from "../recipe.ts";
import { places } from "../scripts/script.ts";
import { provideConda, providePython } from "../scripts/tools.ts";
import { needsConda } from "../tools-of-plan.ts";
import { fromHelper } from "./base.ts";
import { uvIndexOptions } from "./index-options.ts";
import { cacheMount, runStep, uvMounts } from "./run-step.ts";

/** The interpreter that the spec names, or nothing: scripts then choose. */
export function namedInterpreter(emission: Emission): string {
  return emission.text(findStep(emission.plan, "python")?.executable ?? "", "pythonExec");
}

export function writePython(emission: Emission, { version }: PythonStep): void {
  if (version === undefined || needsConda(emission.plan)) return;
  runStep(emission, emission.image, {
    mounts: uvMounts,
    script: providePython,
    arguments: [emission.text(version, "pythonVersion"), ...uvIndexOptions(emission)],
    step: "pip",
  });
}

/** Packages of the open channel are found too, unless channels have addresses of their own. */
function channels(given: readonly string[]): string[] {
  const isComplete = given.some((channel) => channel.includes("://") || channel === "conda-forge");
  return isComplete ? [...given] : [...given, "conda-forge"];
}

/** A stage that holds micromamba, for {@link writeConda} to mount. */
export function addMicromamba(emission: Emission): void {
  const image = emission.options.micromambaImage ?? MICROMAMBA_IMAGE;
  emission.openStage(fromHelper(emission, image, "builderOptions.docker.micromambaImage"), "micromamba");
}

function condaPackages(emission: Emission, { packages }: CondaStep): string[] {
  const named = emission.texts(packages, "condaPackages");
  const version = findStep(emission.plan, "python")?.version ?? CONDA_PYTHON;
  return named.some((one) => /^python($|[\s=<>!~])/i.test(one)) ? named : [`python=${version}`, ...named];
}

export function writeConda(emission: Emission, step: CondaStep): void {
  if (step.packages.length === 0) {
    const hint = "name the packages in condaPackages, or remove condaChannels";
    const warning = { code: "DOCKER_UNUSED_CHANNELS", field: "condaChannels", hint };
    emission.warn("there are channels, but no packages", warning);
    return;
  }
  const found = emission.texts(channels(step.channels), "condaChannels");
  const source = "/usr/bin/micromamba";
  runStep(emission, emission.image, {
    mounts: [{ type: "bind", from: "micromamba", source, target: places.micromamba }, cacheMount("conda")],
    script: provideConda,
    arguments: [...found.map((channel) => `--channel=${channel}`), "--", ...condaPackages(emission, step)],
    step: "conda",
  });
}
