import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandNames, createProgram } from "../program.ts";
import { bashCompletion } from "./bash.ts";
import { type CompletedCommand, completedCommands, valueOptions } from "./command-line.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const commands = completedCommands(createProgram(commandNames, async () => {}));
const folder = mkdtempSync(path.join(tmpdir(), "imagespec-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  for (const name of ["image.yaml", "my spec.ts", "notes.txt", "$(touch hit).json"])
    writeFileSync(path.join(folder, name), "");
  mkdirSync(path.join(folder, "images"));
  const keys = "#!/bin/sh\nprintf 'api\\nworker\\n'\n";
  writeFileSync(path.join(folder, "imagespec"), keys, { mode: 0o755 });
  writeFileSync(path.join(folder, "completion.bash"), bashCompletion(commands));
});

/** What a real bash offers behind these words, of which the last one is the one that the cursor is in. */
function complete(...words: readonly string[]): readonly string[] {
  const script = `source ./completion.bash
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_imagespec
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const line = ["--norc", "--noprofile", "-c", script, "bash", "./imagespec", ...words];
  const text = execFileSync("bash", line, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return text
    .split("\n")
    .filter((one) => one !== "")
    .sort();
}

describe("bash completes", () => {
  test("commands", () => {
    expect(complete("")).toEqual([...commandNames, "help", "--help", "--version"].sort());
    expect(complete("b")).toEqual(["build", "builders"]);
    expect(complete("help", "lo")).toEqual(["lock"]);
  });

  test("the options of the command, wherever it stands", () => {
    expect(complete("lock", "--d")).toEqual(["--debug", "--drift"]);
    expect(complete("--json", "build", "a", "--k")).toEqual(["--keep-going"]);
    expect(complete("init", "--")).toEqual(["--cwd", "--debug", "--help", "--json", "--yaml"]);
  });

  test("values, behind a blank and behind an equals sign", () => {
    expect(complete("build", "--progress", "")).toEqual(["auto", "json", "plain", "quiet", "tty"]);
    expect(complete("build", "--progress", "=")).toEqual(["auto", "json", "plain", "quiet", "tty"]);
    expect(complete("build", "--progress", "=", "p")).toEqual(["plain"]);
    expect(complete("emit", "--format", "d")).toEqual(["dockerfile"]);
    expect(complete("build", "--registry", "")).toEqual([]);
    expect(complete("build", "--secret", "")).toEqual([]);
    expect(complete("completion", "")).toEqual(["bash", "fish", "zsh"]);
  });

  test("files and folders where those are wanted", () => {
    expect(complete("build", "--cwd", "")).toEqual(["images"]);
    expect(complete("build", "--config", "n")).toEqual(["notes.txt"]);
  });

  test("images of the config, spec files and folders, and runs nothing that is in a name", () => {
    const specs = ["$(touch hit).json", "image.yaml", "images", "my spec.ts"];
    expect(complete("build", "")).toEqual([...specs, "api", "worker"].sort());
    expect(complete("build", "a")).toEqual(["api"]);
    expect(complete("build", "im")).toEqual(["image.yaml", "images"]);
    expect(complete("build", "hit")).toEqual([]);
  });

  test("nothing for what is no command", () => expect(complete("frobnicate", "")).toEqual([]));
});

/** Every command and every option of it, so that none that is added later is forgotten. */
describe.each([
  ["bash", bashCompletion(commands)],
  ["zsh", zshCompletion(commands)],
  ["fish", fishCompletion(commands)],
])("the script for %s", (_, script) => {
  test.each(commands.map((command) => [command.name, command] as const))("knows %s", (name, { options }) => {
    expect(script).toMatch(new RegExp(` (${name}\\)|'?__fish_seen_subcommand_from ${name}')`));
    for (const option of options) expect(script).toContain(option.name.replace(/^--/, ""));
  });

  test("knows every value that an option may have", () => {
    for (const [, value] of valueOptions(commands)) {
      if (value.kind === "words") expect(script).toContain(value.words.join(" "));
    }
  });
});

describe.each([
  ["zsh", "-n", zshCompletion(commands)],
  ["fish", "--no-execute", fishCompletion(commands)],
])("%s", (shell, flag, script) => {
  const isThere = spawnSync(shell, ["--version"]).error === undefined;

  test.skipIf(!isThere)("reads its script without a fault (where it is installed)", () => {
    const file = path.join(folder, `completion.${shell}`);
    writeFileSync(file, script);
    expect(spawnSync(shell, [flag, file], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });
});

test("what zsh and fish are told", () => {
  const option = { help: "it's [one]: or another", repeatable: false };
  const words = { kind: "words", words: ["a", "b"] } as const;
  const some: readonly CompletedCommand[] = [
    {
      name: "emit",
      help: "print: it's all",
      options: [
        { ...option, name: "--json" },
        { ...option, name: "--cwd", value: { kind: "folder" } },
        { ...option, name: "--config", value: { kind: "file" } },
        { ...option, name: "--format", value: words },
        { ...option, name: "--secret", value: { kind: "unknown" }, repeatable: true },
      ],
      argument: { kind: "source" },
    },
    { name: "completion", help: "print a script", options: [], argument: words },
  ];
  expect(zshCompletion(some)).toMatchInlineSnapshot(`
    "#compdef imagespec
    # Completion of imagespec for zsh. Load it: source <(imagespec completion zsh)

    _imagespec_sources() {
      local -a keys
      keys=(\${(f)"$($service completion keys 2>/dev/null)"})
      (( $#keys )) && compadd -a keys
      _files -g '*.(yaml|yml|json|ts|mts|js|mjs)'
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
            'emit:print\\: it'\\''s all'
            'completion:print a script'
          )
          _describe -t commands command commands ;;
        argument)
          case $line[1] in
            emit)
              _arguments \\
                '--json[it'\\''s \\[one\\]\\: or another]' \\
                '--cwd=[it'\\''s \\[one\\]\\: or another]:value:_files -/' \\
                '--config=[it'\\''s \\[one\\]\\: or another]:value:_files' \\
                '--format=[it'\\''s \\[one\\]\\: or another]:value:(a b)' \\
                '*--secret=[it'\\''s \\[one\\]\\: or another]:value:' \\
                '*:argument:_imagespec_sources' ;;
            completion)
              _arguments \\
                '*:argument:(a b)' ;;
          esac ;;
      esac
    }

    if [[ $funcstack[1] == _imagespec ]]; then _imagespec "$@"; else compdef _imagespec imagespec; fi
    "
  `);
  expect(fishCompletion(some)).toMatchInlineSnapshot(`
    "# Completion of imagespec for fish. Load it: imagespec completion fish | source
    complete -c imagespec -f
    complete -c imagespec -n __fish_use_subcommand -l help -d 'display help for command'
    complete -c imagespec -n __fish_use_subcommand -l version -d 'output the version number'
    complete -c imagespec -n __fish_use_subcommand -a emit -d 'print: it\\'s all'
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -l json -d 'it\\'s [one]: or another'
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -l cwd -d 'it\\'s [one]: or another' -x -a '(__fish_complete_directories)'
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -l config -d 'it\\'s [one]: or another' -r -F
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -l format -d 'it\\'s [one]: or another' -x -a 'a b'
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -l secret -d 'it\\'s [one]: or another' -x
    complete -c imagespec -n '__fish_seen_subcommand_from emit' -F -a '(imagespec completion keys 2>/dev/null)'
    complete -c imagespec -n __fish_use_subcommand -a completion -d 'print a script'
    complete -c imagespec -n '__fish_seen_subcommand_from completion' -a 'a b'
    "
  `);
});
