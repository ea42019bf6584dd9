import type { CommandsStep } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { prepareCommands } from "../scripts/commands.ts";
import { trustCertificates } from "../scripts/script.ts";
import { namedInterpreter } from "./python.ts";
import { cacheMount, certificateMounts, runLent, uvMounts } from "./run-step.ts";

/** Linux hands no longer argument to a program. */
const LONGEST = 131_000;

/** What commands download is kept apart from what our own steps trust. */
const caches = [cacheMount("commands-uv", "uv"), cacheMount("commands-pip", "pip")];

/** Its address has nothing that is special in a shell. */
function mirrorLines({ options: { pipMirror } }: Emission): readonly string[] {
  return pipMirror === undefined ? [] : [`export PIP_INDEX_URL=${pipMirror} UV_DEFAULT_INDEX=${pipMirror}`];
}

/** One shell for all: `cd` and `export` carry over, and the first failure ends it. */
export function writeCommands(emission: Emission, step: CommandsStep): void {
  const commands = emission.texts(step.commands, "commands");
  if (Buffer.byteLength(commands.join("\n")) > LONGEST) {
    const hint = "copy them as a script and run that";
    emission.refuse("the commands are too long for one shell", {
      code: "DOCKER_TOO_LONG",
      field: "commands",
      hint,
    });
    return;
  }
  const [uv] = uvMounts;
  const certificates = certificateMounts(emission);
  // A build argument is a variable of every later step.
  const values =
    emission.buildArguments.size > 0 ? [`unset ${[...emission.buildArguments.keys()].join(" ")}`] : [];
  const script = [
    prepareCommands(namedInterpreter(emission)),
    ...values,
    ...(certificates.length > 0 ? [trustCertificates] : []),
    ...mirrorLines(emission),
    ...commands,
    "",
  ];
  runLent(emission, emission.image, {
    step: "commands",
    words: ["/bin/sh", "-e", "-c", "--", script.join("\n")],
    mounts: [...(uv ? [uv] : []), ...caches, ...certificates],
  });
}
