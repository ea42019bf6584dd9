import { type CompletedCommand, sourceEndings, type Value, valueOptions } from "./command-line.ts";

/** The call that fills COMPREPLY; nothing where nothing is known. */
function reply(value: Value): string {
  switch (value.kind) {
    case "words":
      return `_imagespec_reply -W '${value.words.join(" ")}'`;
    case "folder":
      return "_imagespec_paths -d";
    case "file":
      return "_imagespec_paths -f";
    case "source":
      return "_imagespec_sources";
    case "unknown":
      return ":";
  }
}

function optionCases(commands: readonly CompletedCommand[]): string {
  return valueOptions(commands)
    .map(([name, value]) => `    ${name}) ${reply(value)}; return ;;`)
    .join("\n");
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const flags = options.map((option) => option.name).join(" ");
  const rest = argument ? reply(argument) : ":";
  return `    ${name}) if [[ $current == -* ]]; then _imagespec_reply -W '${flags}'; else ${rest}; fi ;;`;
}

/** For bash since 3.2. Words that were read elsewhere are never expanded: compgen -W would run what is in them. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# Completion of imagespec for bash. Load it: source <(imagespec completion bash)

_imagespec_reply() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$current")
}

_imagespec_paths() {
  compopt -o filenames 2>/dev/null
  _imagespec_reply "$@"
}

_imagespec_sources() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do
    case $line in "$current"*) COMPREPLY+=("$line") ;; esac
  done < <("\${COMP_WORDS[0]}" completion keys 2>/dev/null)
  while IFS= read -r line; do
    if [[ -d $line ]]; then COMPREPLY+=("$line"); continue; fi
    case $line in ${sourceEndings.map((ending) => `*.${ending}`).join("|")}) COMPREPLY+=("$line") ;; esac
  done < <(compgen -f -- "$current")
}

_imagespec() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= index
  COMPREPLY=()
  # bash takes "--progress=pl" for three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    [[ \${COMP_WORDS[index]} == -* ]] || { command=\${COMP_WORDS[index]}; break; }
  done
  case $previous in
${optionCases(commands)}
  esac
  case $command in
    '') _imagespec_reply -W '${names} help --help --version' ;;
    help) _imagespec_reply -W '${names}' ;;
${commands.map(commandCase).join("\n")}
  esac
}

complete -F _imagespec imagespec
`;
}
