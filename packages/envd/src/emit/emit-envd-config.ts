import { type StepWriters, throwIfRefused, writeSteps } from "@imagespec/core";
import type { BuildPlan, EmittedFile, ImageConfig, Issue } from "@imagespec/core/builder";
import { writeApt } from "./apt.ts";
import { writeBase } from "./base.ts";
import { writeCommands } from "./commands.ts";
import { writeConda } from "./conda.ts";
import { Emission, type EmissionInput } from "./emission.ts";
import { warnConfiguration, writeEntrypoint } from "./entrypoint.ts";
import { writeEnvironment } from "./environment.ts";
import { writeFiles } from "./files.ts";
import { contextPaths } from "./list-context.ts";
import { writeProject, writeRequirements } from "./packages.ts";
import { writePython } from "./python.ts";
import { refuseOrder } from "./step-order.ts";
import { unsupportedNeeds } from "./unsupported.ts";
import { writeAccess, writeOwner } from "./user.ts";

/** A `build.envd` and all that goes with it. */
export type EmittedEnvdConfig = Readonly<{
  /** The text of `build.envd`. */
  text: string;
  /** Our own files of the context, `build.envd` not among them. */
  files: readonly EmittedFile[];
  /** Every file and folder of the context, sorted: the plan's own entries, `files` and `build.envd`. */
  context: readonly string[];
}>;

type Writers = StepWriters<Emission>;

/** In envd's own order, which it keeps whatever the order of the calls. */
const packageWriters: Writers = {
  apt: writeApt,
  requirements: writeRequirements,
  project: writeProject,
  conda: writeConda,
};
const contentWriters: Writers = { files: writeFiles };
const lastWriters: Writers = { commands: writeCommands, entrypoint: writeEntrypoint };
const writtenElsewhere = ["cuda", "python", "environment"];
const knownKinds = new Set<string>([
  ...Object.keys({ ...packageWriters, ...contentWriters, ...lastWriters }),
  ...writtenElsewhere,
]);

function refuseUnknownSteps(emission: Emission): void {
  for (const { kind } of emission.plan.steps) {
    if (knownKinds.has(kind)) continue;
    const field = kind === "labels" ? "labels" : undefined;
    const hint = field ? "leave out labels, or use the docker builder" : "update @imagespec/envd";
    emission.refuse(`the envd builder has no ${kind} step`, { code: "ENVD_UNKNOWN_STEP", field, hint });
  }
}

function writeConfig(input: EmissionInput): Emission {
  const emission = new Emission(input);
  refuseUnknownSteps(emission);
  refuseOrder(emission);
  writeBase(emission);
  writeOwner(emission);
  writePython(emission);
  writeEnvironment(emission);
  writeSteps(emission, packageWriters);
  writeSteps(emission, contentWriters);
  writeAccess(emission);
  writeSteps(emission, lastWriters);
  warnConfiguration(emission);
  return emission;
}

/**
 * The `build.envd` of a plan, for envd 1.3. Pure. It stands in the root of a context that has the plan's entries and
 * `files`. `bases`: configs of base images by reference; without the plan's own, the base is taken for one that runs
 * as root and sets no variable.
 *
 * @throws ImageSpecError `ENVD_…` for what envd cannot carry, as {@link checkEnvdConfig} tells
 */
export function emitEnvdConfig(
  plan: BuildPlan,
  bases: ReadonlyMap<string, ImageConfig> = new Map(),
): EmittedEnvdConfig {
  const emission = writeConfig({ plan, bases });
  throwIfRefused([...unsupportedNeeds(plan), ...emission.issues]);
  return {
    text: emission.toString(),
    files: emission.files,
    context: contextPaths(plan, ["build.envd", ...emission.files.map(({ path }) => path)]),
  };
}

/** Every reason why a plan has no `build.envd`, and what its user should know of the one it has. */
export function checkEnvdConfig(input: EmissionInput): readonly Issue[] {
  return writeConfig(input).issues;
}
