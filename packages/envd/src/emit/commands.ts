import { quoteShell } from "@imagespec/core";
import type { CommandsStep } from "@imagespec/core/builder";
import { type Emission, LONGEST_ARGUMENT } from "./emission.ts";
import { exportLines } from "./environment.ts";

/**
 * One shell for all: `cd` and `export` carry over, and the first failure ends it. envd's own shell is a bash that fails
 * at unset variables and in the middle of pipes; the commands get the plain one that other builders run them in.
 */
export function writeCommands(emission: Emission, step: CommandsStep): void {
  const commands = emission.texts(step.commands, "commands").join("\n");
  const directory = quoteShell(emission.text(emission.plan.workDirectory, "workDirectory"));
  const lines = [
    `mkdir -p ${directory}`,
    `cd ${directory}`,
    ...exportLines(emission),
    `exec /bin/sh -e -c -- ${quoteShell(commands)}`,
  ];
  if (Buffer.byteLength(lines.join("\n")) > LONGEST_ARGUMENT - 64) {
    const hint = "copy them as a script and run that";
    const message = "the commands are too long for one shell";
    emission.refuse(message, { code: "ENVD_TOO_LONG", field: "commands", hint });
    return;
  }
  emission.shell(lines);
}
