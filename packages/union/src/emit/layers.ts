import { posix } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Layer, LayerSchema } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
import type {
  AptStep,
  CommandsStep,
  EnvironmentStep,
  PlanStep,
  ProjectStep,
  RequirementsStep,
} from "@imagespec/core/builder";
import type { StepPlaces } from "../layout/part.ts";
import { joinArguments, pipOptions } from "./pip-options.ts";
import { layerSecrets } from "./secret-mounts.ts";

type LayerInit = Exclude<NonNullable<MessageInitShape<typeof LayerSchema>["layer"]>, { case: undefined }>;

export function layerOf(layer: LayerInit): Layer {
  return create(LayerSchema, { layer });
}

export function workDirectoryLayer(workdir: string): Layer {
  return layerOf({ case: "workdir", value: { workdir } });
}

/** The variables in the order of their names: a map keeps the order in which it was filled. */
export function environmentLayer(variables: Readonly<Record<string, string>>): Layer {
  const names = Object.keys(variables).sort();
  const envVariables = Object.fromEntries(names.map((name) => [name, variables[name] ?? ""]));
  return layerOf({ case: "env", value: { envVariables } });
}

/** A PATH that the spec gives whole can be extended; of the base's, only Union's builder knows the value. */
export function stepVariables({ variables, extraPath }: EnvironmentStep): Readonly<Record<string, string>> {
  if (extraPath.length === 0 || variables.PATH === undefined) return variables;
  return { ...variables, PATH: [...extraPath, variables.PATH].join(":") };
}

function aptLayers({ packages }: AptStep): Layer[] {
  return [layerOf({ case: "aptPackages", value: { packages: [...packages] } })];
}

function requirementsLayers(step: RequirementsStep, { requirements }: StepPlaces): Layer[] {
  const { packages, index, secrets } = step;
  const common = { options: pipOptions(index), secretMounts: layerSecrets(secrets) };
  const file = requirements;
  return [
    ...(file === undefined ? [] : [layerOf({ case: "requirements", value: { ...common, file } })]),
    ...(packages.length > 0
      ? [layerOf({ case: "pipPackages", value: { ...common, packages: [...packages] } })]
      : []),
  ];
}

function uvLayer(step: ProjectStep, folder: string): Layer {
  const value = {
    pyproject: folder,
    uvlock: step.tool === "uv" ? posix.join(folder, "uv.lock") : "",
    options: pipOptions(step.index, step.installProject ? [] : ["--no-install-project"]),
    secretMounts: layerSecrets(step.secrets),
    sourceDir: folder,
  };
  return layerOf({ case: "uvProject", value });
}

/** The official client writes the blank in front of `--no-root` even where nothing stands before it. */
function poetryArguments({ index, installProject }: ProjectStep): string {
  const own = joinArguments(index.extraArguments);
  return installProject || index.extraArguments.includes("--no-root") ? own : `${own} --no-root`;
}

function poetryLayer(step: ProjectStep, folder: string): Layer {
  const value = {
    pyproject: step.installProject ? folder : posix.join(folder, "pyproject.toml"),
    poetryLock: posix.join(folder, "poetry.lock"),
    extraArgs: poetryArguments(step),
    secretMounts: layerSecrets(step.secrets),
  };
  return layerOf({ case: "poetryProject", value });
}

function projectLayers(step: ProjectStep, { project = "." }: StepPlaces): Layer[] {
  return [step.tool === "poetry" ? poetryLayer(step, project) : uvLayer(step, project)];
}

function filesLayers({ copies = [] }: StepPlaces): Layer[] {
  return copies.map((value) => layerOf({ case: "copyConfig", value: { ...value } }));
}

function commandsLayers({ commands }: CommandsStep): Layer[] {
  return [layerOf({ case: "commands", value: { cmd: [...commands] } })];
}

/** The layers of one step; none for a step without a counterpart, which `checkImageSpecMessage` refuses. */
export function stepLayers(step: PlanStep, places: StepPlaces = {}): readonly Layer[] {
  switch (step.kind) {
    case "apt":
      return aptLayers(step as AptStep);
    case "requirements":
      return requirementsLayers(step as RequirementsStep, places);
    case "project":
      return projectLayers(step as ProjectStep, places);
    case "files":
      return filesLayers(places);
    case "commands":
      return commandsLayers(step as CommandsStep);
    default:
      return [];
  }
}
