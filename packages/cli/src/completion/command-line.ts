import type { Command, Option } from "commander";

/** What stands for a value: a file, a folder, one of some words, a spec, or nothing that can be known. */
export type Value = Readonly<
  { kind: "file" | "folder" | "source" | "unknown" } | { kind: "words"; words: readonly string[] }
>;

export type CompletedOption = Readonly<{
  /** `--config`. */
  name: string;
  help: string;
  repeatable: boolean;
  /** Absent: it takes none. */
  value?: Value | undefined;
}>;

export type CompletedCommand = Readonly<{
  name: string;
  help: string;
  options: readonly CompletedOption[];
  argument?: Value | undefined;
}>;

const ofOptions: Readonly<Record<string, Value>> = {
  dir: { kind: "folder" },
  file: { kind: "file" },
  name: { kind: "words", words: ["docker", "envd", "union", "noop"] },
  platforms: { kind: "words", words: ["linux/amd64", "linux/arm64"] },
};

const ofArguments: Readonly<Record<string, Value>> = {
  source: { kind: "source" },
  image: { kind: "source" },
  dir: { kind: "folder" },
  shell: { kind: "words", words: ["bash", "zsh", "fish"] },
};

function optionValue({ flags, argChoices }: Option): Value | undefined {
  const [, placeholder] = flags.split(" ");
  if (placeholder === undefined) return undefined;
  if (argChoices) return { kind: "words", words: argChoices };
  return ofOptions[placeholder.replace(/\W/g, "")] ?? { kind: "unknown" };
}

function completedOption(option: Option): CompletedOption {
  const { long, description, flags } = option;
  const repeatable = description.endsWith("; repeatable");
  return { name: long ?? flags, help: description, repeatable, value: optionValue(option) };
}

const help: CompletedOption = { name: "--help", help: "display help for command", repeatable: false };

function completedCommand(command: Command): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    help: command.description(),
    options: [...command.options.map(completedOption), help],
    argument: argument && (ofArguments[argument.name()] ?? { kind: "unknown" }),
  };
}

/** What a shell can complete of a program. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  return program.commands.map(completedCommand);
}

/** The options that take a value, each once: one name means one thing in every command. */
export function valueOptions(
  commands: readonly CompletedCommand[],
): readonly (readonly [name: string, value: Value])[] {
  const found = commands
    .flatMap(({ options }) => options)
    .flatMap(({ name, value }) => (value ? [[name, value] as const] : []));
  return [...new Map(found)];
}

/** The endings of spec files. */
export const sourceEndings = ["yaml", "yml", "json", "ts", "mts", "js", "mjs"] as const;
