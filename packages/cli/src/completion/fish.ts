import type { CompletedCommand, CompletedOption, Value } from "./command-line.ts";

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** The arguments of \`complete\` for a value. */
function candidates(value: Value): string {
  switch (value.kind) {
    case "words":
      return `-x -a ${quote(value.words.join(" "))}`;
    case "folder":
      return "-x -a '(__fish_complete_directories)'";
    case "file":
      return "-r -F";
    case "source":
      return "-F -a '(imagespec completion keys 2>/dev/null)'";
    case "unknown":
      return "-x";
  }
}

function optionLine(condition: string, { name, help, value }: CompletedOption): string {
  const rest = value ? ` ${candidates(value)}` : "";
  return `complete -c imagespec -n ${condition} -l ${name.slice(2)} -d ${quote(help)}${rest}`;
}

function commandLines({ name, help, options, argument }: CompletedCommand): readonly string[] {
  const condition = quote(`__fish_seen_subcommand_from ${name}`);
  const isPositional = argument !== undefined && argument.kind !== "unknown";
  const values = isPositional ? candidates(argument).replace(/^-[xr] /, "") : "";
  return [
    `complete -c imagespec -n __fish_use_subcommand -a ${name} -d ${quote(help)}`,
    ...options.map((option) => optionLine(condition, option)),
    ...(isPositional ? [`complete -c imagespec -n ${condition} ${values}`] : []),
  ];
}

/** For fish since 3.0. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    "# Completion of imagespec for fish. Load it: imagespec completion fish | source",
    "complete -c imagespec -f",
    "complete -c imagespec -n __fish_use_subcommand -l help -d 'display help for command'",
    "complete -c imagespec -n __fish_use_subcommand -l version -d 'output the version number'",
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join("\n")}\n`;
}
