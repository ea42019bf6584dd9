import path from "node:path";
import type { ProjectStep, RequirementsStep } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { MOUNTS, TOOLS } from "../recipe.ts";
import {
  installPoetryProject,
  installPyproject,
  installRequirements,
  syncUvProject,
} from "../scripts/packages.ts";
import { places, type Script } from "../scripts/script.ts";
import { providePoetry } from "../scripts/tools.ts";
import type { Mount } from "../stage.ts";
import { extraArguments, lockIndexOptions, uvIndexOptions } from "./index-options.ts";
import { namedInterpreter } from "./python.ts";
import { cacheMount, contextMount, runStep, uvMounts } from "./run-step.ts";

/** `requirements.txt` and `packages`. */
export function writeRequirements(emission: Emission, step: RequirementsStep): void {
  const [file] = step.files;
  if (file === undefined && step.packages.length === 0) return;
  runStep(emission, emission.image, {
    mounts: [
      ...uvMounts,
      ...step.files.map(({ context }) => contextMount(context, false)),
      ...step.local.map(({ context }) => contextMount(context, true)),
    ],
    script: installRequirements,
    arguments: [
      namedInterpreter(emission),
      file === undefined ? MOUNTS : `${places.context}/${path.posix.dirname(file.context)}`,
      ...uvIndexOptions(emission),
      ...extraArguments(emission),
      ...(file === undefined ? [] : ["-r", path.posix.basename(file.context)]),
      "--",
      ...emission.texts(step.packages, "packages"),
    ],
    step: "pip",
  });
}

/** The tree that the tool works in: writable, for building a package writes beside its sources. */
function projectMount({ project }: ProjectStep): Mount {
  return { type: "bind", source: project.context, target: `${places.context}/project`, rw: true };
}

function runProject(
  emission: Emission,
  step: ProjectStep,
  tool: Readonly<{ script: Script; arguments: readonly string[]; mounts?: readonly Mount[] }>,
): void {
  runStep(emission, emission.image, {
    mounts: [...uvMounts, projectMount(step), ...(tool.mounts ?? [])],
    script: tool.script,
    arguments: [namedInterpreter(emission), emission.text(step.root, "requirements"), ...tool.arguments],
    step: "pip",
  });
}

function writeUvProject(emission: Emission, step: ProjectStep): void {
  const project = step.installProject ? [] : ["--no-install-project"];
  const words = [...project, ...lockIndexOptions(emission), ...extraArguments(emission)];
  runProject(emission, step, { script: syncUvProject, arguments: words });
}

function writePyproject(emission: Emission, step: ProjectStep): void {
  const wanted = step.installProject ? ["."] : ["-r", "pyproject.toml"];
  const words = [...uvIndexOptions(emission), ...extraArguments(emission), ...wanted];
  runProject(emission, step, { script: installPyproject, arguments: words });
}

/** Poetry runs in an environment of its own, made where the image's stage stands now. */
function addPoetry(emission: Emission): void {
  const stage = emission.openStage(emission.image.name, "poetry");
  runStep(emission, stage, {
    mounts: uvMounts,
    script: providePoetry,
    arguments: [namedInterpreter(emission), ...uvIndexOptions(emission)],
    step: "pip",
  });
  emission.openImage(emission.image.name, "project");
}

function writePoetryProject(emission: Emission, step: ProjectStep): void {
  const { index, extraIndexes, extraArguments: extra } = step.index;
  if (index !== undefined || extraIndexes.length + extra.length > 0) {
    emission.warn(
      "poetry takes packages from the sources that pyproject.toml names, and no arguments of pip",
      {
        code: "DOCKER_POETRY_INDEX",
        field: index === undefined && extraIndexes.length === 0 ? "pipExtraArgs" : "pipIndex",
        hint: "name the index in pyproject.toml: poetry source add NAME URL",
      },
    );
  }
  addPoetry(emission);
  runProject(emission, step, {
    script: installPoetryProject,
    arguments: step.installProject ? ["."] : [],
    mounts: [
      cacheMount("poetry"),
      { type: "bind", from: "poetry", source: `${TOOLS}/poetry`, target: places.poetry },
    ],
  });
}

const writers = { uv: writeUvProject, pyproject: writePyproject, poetry: writePoetryProject } as const;

/** What a lock or pyproject.toml describes. */
export function writeProject(emission: Emission, step: ProjectStep): void {
  writers[step.tool](emission, step);
}
