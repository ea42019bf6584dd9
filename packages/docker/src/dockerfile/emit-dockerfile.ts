import { type EmittedFile, type Issue, type PlanInput, type StepWriters, writeSteps } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { buildScript } from "./build-script.ts";
import { Emission, type ExpectedSecret } from "./emission.ts";
import { writeApt } from "./steps/apt.ts";
import { addUv, startFromBase } from "./steps/base.ts";
import { writeCertificates } from "./steps/certificates.ts";
import { writeCommands } from "./steps/commands.ts";
import { restoreUser, writeEntrypoint, writeLabels, writePlanLabel } from "./steps/configuration.ts";
import { writeEnvironment, writeIdentity } from "./steps/environment.ts";
import { writeFiles, writeWorkDirectory } from "./steps/files.ts";
import { writeProject, writeRequirements } from "./steps/packages.ts";
import { addMicromamba, writeConda, writePython } from "./steps/python.ts";
import { needsConda, needsUv } from "./tools-of-plan.ts";

/** A Dockerfile, and the labels that are to be set beside it. */
export type UnlabelledDockerfile = Readonly<{ text: string; labels: Readonly<Record<string, string>> }>;

/** A Dockerfile and all that goes with it. */
export type EmittedDockerfile = Readonly<{
  text: string;
  /** The same without its last label, and that: Docker 20.10 takes a fifth of a second to read a long one in a Dockerfile. */
  unlabelled: UnlabelledDockerfile;
  /** What ARG instructions of the Dockerfile are to be given: values that no line of a Dockerfile can hold. */
  buildArguments: Readonly<Record<string, string>>;
  /** Every secret that a step mounts. The build fails without them. */
  secrets: readonly ExpectedSecret[];
  /** Our own files of the context, the Dockerfile not among them. */
  files: readonly EmittedFile[];
}>;

const HEADER =
  "# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.\n";

type Writers = StepWriters<Emission>;

const packageWriters: Writers = { apt: writeApt, python: writePython, conda: writeConda };
const projectWriters: Writers = { requirements: writeRequirements, project: writeProject };
const contentWriters: Writers = { files: writeFiles, commands: writeCommands, entrypoint: writeEntrypoint };
const knownKinds = new Set<string>([
  ...Object.keys({ ...packageWriters, ...projectWriters, ...contentWriters }),
  "environment",
  "labels",
]);

function refuseUnknownSteps(emission: Emission): void {
  for (const { kind } of emission.plan.steps) {
    if (knownKinds.has(kind)) continue;
    const hint = kind === "cuda" ? "name a base image with CUDA" : "update @imagespec/docker";
    const field = kind === "cuda" ? "cuda" : undefined;
    emission.refuse(`the docker builder has no ${kind} step`, { code: "DOCKER_UNKNOWN_STEP", field, hint });
  }
}

/** What is copied and run comes after packages, so that a change of it leaves their layers alone. */
function writeDockerfile(input: PlanInput<DockerOptions>): Emission {
  const emission = new Emission(input);
  refuseUnknownSteps(emission);
  startFromBase(emission);
  if (needsUv(emission.plan)) addUv(emission);
  if (needsConda(emission.plan)) addMicromamba(emission);
  emission.openImage("base", "image");
  writeSteps(emission, packageWriters);
  writeEnvironment(emission);
  writeSteps(emission, projectWriters);
  writeWorkDirectory(emission);
  writeSteps(emission, contentWriters);
  writeCertificates(emission);
  writeLabels(emission);
  restoreUser(emission);
  writeIdentity(emission);
  return emission;
}

/**
 * The Dockerfile of a plan, for BuildKit since Docker 20.10. Pure. It stands in the root of a context that has the
 * plan's entries and `files`.
 *
 * @throws ImageSpecError `DOCKER_…` for a value that no Dockerfile can carry, as {@link checkDockerfile} tells
 */
export function emitDockerfile(input: PlanInput<DockerOptions>): EmittedDockerfile {
  const emission = writeDockerfile(input);
  const text = `${HEADER}\n${emission}`;
  const unlabelled = { text, labels: writePlanLabel(emission) };
  emission.throwIfRefused();
  return {
    text: `${HEADER}\n${emission}`,
    unlabelled,
    buildArguments: Object.fromEntries(emission.buildArguments),
    secrets: [...emission.secrets.values()],
    files: [
      ...emission.files.values(),
      { path: "Dockerfile.dockerignore", content: "" },
      { path: "build.sh", content: buildScript(emission), mode: 0o755 },
    ],
  };
}

/** Every reason why a plan has no Dockerfile, and what its user should know of the one it has. */
export function checkDockerfile(input: PlanInput<DockerOptions>): readonly Issue[] {
  return writeDockerfile(input).issues;
}
