import path from "node:path";
import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { type CompletedCommand, completedCommands } from "../completion/command-line.ts";
import { fishCompletion } from "../completion/fish.ts";
import { imageKeys } from "../completion/image-keys.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { findConfig } from "../config/find-config.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import type { Invocation } from "../session.ts";
import { readSourceFile } from "../specs/read-source.ts";
import { usageError } from "../usage-error.ts";

const shells: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

function keysOfConfig(): string {
  const place = findConfig(process.cwd());
  const keys = place === undefined ? [] : imageKeys(readSourceFile(place, path.basename(place)));
  return keys.map((key) => `${key}\n`).join("");
}

/**
 * The script that completes this command in a shell. `keys`: what that script asks for, the config's images.
 *
 * @param program with the options of all its commands
 */
export async function completion({ sources, surroundings }: Invocation, program: Command): Promise<ExitCode> {
  const [shell = ""] = sources;
  if (shell === "keys") {
    surroundings.stdout.write(keysOfConfig());
    return exitCodes.done;
  }
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!write) {
    const hint = `known are ${Object.keys(shells).join(", ")}`;
    throw usageError(`there is no completion for ${JSON.stringify(shell)}`, { hint });
  }
  surroundings.stdout.write(write(completedCommands(program)));
  return exitCodes.done;
}
