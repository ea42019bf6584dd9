import { type CompletedCommand, type CompletedOption, sourceEndings, type Value } from "./command-line.ts";

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Inside of a specification of _arguments and _describe, these end its parts. */
function plain(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}

function action(value: Value): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "folder":
      return "_files -/";
    case "file":
      return "_files";
    case "source":
      return "_imagespec_sources";
    case "unknown":
      return "";
  }
}

function optionSpec({ name, help, value, repeatable }: CompletedOption): string {
  const parts = value ? `${name}=[${plain(help)}]:value:${action(value)}` : `${name}[${plain(help)}]`;
  return quote(repeatable ? `*${parts}` : parts);
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const specs = options.map(optionSpec);
  if (argument) specs.push(quote(`*:argument:${action(argument)}`));
  return `        ${name})\n          _arguments \\\n${specs.map((spec) => `            ${spec}`).join(" \\\n")} ;;`;
}

/** For zsh, sourced after compinit, or as the file \`_imagespec\` of a folder of \`fpath\`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const descriptions = commands.map(({ name, help }) => `        ${quote(`${name}:${plain(help)}`)}`);
  return `#compdef imagespec
# Completion of imagespec for zsh. Load it: source <(imagespec completion zsh)

_imagespec_sources() {
  local -a keys
  keys=(\${(f)"$($service completion keys 2>/dev/null)"})
  (( $#keys )) && compadd -a keys
  _files -g '*.(${sourceEndings.join("|")})'
}

_imagespec() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
    '--help[display help for command]' \\
    '--version[output the version number]' \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
${descriptions.join("\n")}
      )
      _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map(commandCase).join("\n")}
      esac ;;
  esac
}

if [[ $funcstack[1] == _imagespec ]]; then _imagespec "$@"; else compdef _imagespec imagespec; fi
`;
}
