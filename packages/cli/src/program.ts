import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { formatNames } from "./options/formats.ts";
import { parseCount, parseSecret } from "./options/option-values.ts";

export type CommandName =
  | "build"
  | "plan"
  | "tag"
  | "exists"
  | "emit"
  | "explain"
  | "builders"
  | "check-public"
  | "doctor"
  | "init"
  | "lock"
  | "completion";

/** Runs a command; `command` holds its options. */
export type RunCommand = (name: CommandName, sources: readonly string[], command: Command) => Promise<void>;

const sourceHelp =
  "spec files (YAML, JSON, TypeScript or JavaScript; FILE#KEY for one of several), keys of the config's images, or - for standard input; default: the project's images";

function withCommonOptions(command: Command): Command {
  return command
    .option("--cwd <dir>", "work as if started in this folder")
    .option(
      "--config <file>",
      "config file; default: imagespec.config.ts here or above, up to the repository's root",
    )
    .addOption(
      new Option("--paths-from <where>", "what the paths of a spec are relative to; default: cwd").choices([
        "cwd",
        "spec",
      ]),
    )
    .option("--builder <name>", "build with this builder, whatever the spec says")
    .option("--registry <prefix>", "push to this registry, whatever the spec says")
    .option(
      "--platform <platforms>",
      "build for these platforms, with commas between them, whatever the spec says",
    )
    .option("--json", "print one JSON document")
    .option("--debug", "print stacks of errors");
}

function withTagOptions(command: Command): Command {
  return withCommonOptions(command).option(
    "--locked",
    "fail unless imagespec.lock.json pins all that the images are built from",
  );
}

function withBuildOptions(command: Command): Command {
  return withTagOptions(command)
    .option("--push", "push to the spec's registry (default)")
    .option("--no-push", "build into the local engine's store")
    .option("--force", "build even what is there, and push over it")
    .addOption(new Option("--concurrency <n>", "images built at a time; default: 4").argParser(parseCount))
    .option("--keep-going", "after a failure, go on with what does not need it")
    .addOption(
      new Option(
        "--if-unknown <what>",
        "when it cannot be told whether an image is there; default: error",
      ).choices(["error", "build", "skip"]),
    )
    .option("--metadata-file <file>", "write the document of --json to this file too")
    .addOption(
      new Option("--progress <kind>", "how to show progress; default: auto").choices([
        "auto",
        "tty",
        "plain",
        "json",
        "quiet",
      ]),
    )
    .addOption(
      new Option(
        "--secret <source>",
        "a secret of the build: id=NAME,src=FILE or id=NAME,env=VARIABLE; repeatable",
      ).argParser(parseSecret),
    );
}

const helpEnd = `
Every option can be given as a variable: IMAGESPEC_CONFIG, IMAGESPEC_IF_UNKNOWN and so on.
Exit codes: 0 done, 1 failed or absent, 2 wrong usage or spec, 3 unknown, 4 plan --exit-code, 130 interrupted.`;

const existsEnd = `
One line for each image: present DIGEST, absent, or unknown REASON; exit code 0, 1 or 3. Mind that
"imagespec exists … || imagespec build …" takes unknown for absent.`;

const lockEnd = `
Without sources the lock is made for the whole project, and holds nothing else; with them, what it held stays. Commit
imagespec.lock.json: bases that it holds are built from by digest, and their digests are part of the tags.`;

const completionEnd = `
bash: source <(imagespec completion bash)
zsh:  source <(imagespec completion zsh)      (after compinit)
fish: imagespec completion fish | source`;

type CommandDefinition = Readonly<{
  description: string;
  argument?: readonly [name: string, help: string];
  options(command: Command): Command;
}>;

const sources = ["[source...]", sourceHelp] as const;
const imageHelp = `references of images, or ${sourceHelp}`;

const definitions: Readonly<Record<CommandName, CommandDefinition>> = {
  build: {
    description: "make images be there: build and push those that are not",
    argument: sources,
    options: withBuildOptions,
  },
  plan: {
    description: "say what build would do, and why",
    argument: sources,
    options: (command) =>
      withBuildOptions(command).option("--exit-code", "exit with 4 when something would be built"),
  },
  tag: {
    description: "print the references of images; no network",
    argument: sources,
    options: withTagOptions,
  },
  exists: {
    description: "say whether images are there",
    argument: ["[image...]", imageHelp],
    options: (command) => withTagOptions(command).addHelpText("after", existsEnd),
  },
  emit: {
    description: "print what a builder would be sent",
    argument: ["[source]", sourceHelp],
    options: (command) =>
      withTagOptions(command)
        .addOption(new Option("--format <format>", "what to print; required").choices(formatNames))
        .option("--out <dir>", "write it to this new folder, with the context beside it"),
  },
  explain: {
    description: "say why a tag is what it is, and what differs from another one",
    argument: ["[source]", sourceHelp],
    options: (command) =>
      withTagOptions(command).option(
        "--against <what>",
        "compare with a spec (FILE, FILE#KEY), an image of a registry, or COMMIT:imagespec.lock.json; default: the last build here",
      ),
  },
  builders: { description: "list the builders, and whether they can be used", options: withCommonOptions },
  "check-public": {
    description: "say whether a cluster can pull an image without credentials",
    argument: ["[image]", imageHelp],
    options: withCommonOptions,
  },
  doctor: {
    description: "look for what keeps builds from working here, and name remedies",
    argument: sources,
    options: withCommonOptions,
  },
  lock: {
    description: "pin base images and tools in imagespec.lock.json",
    argument: sources,
    options: (command) =>
      withCommonOptions(command)
        .option("--check", "write nothing; exit with 1 where the lock is missing or stale")
        .option("--drift", "with --check: ask registries whether locked names mean other images by now")
        .addHelpText("after", lockEnd),
  },
  completion: {
    description: "print a script that completes commands, options and sources",
    argument: ["<shell>", "bash, zsh or fish"],
    options: (command) => command.addHelpText("after", completionEnd),
  },
  init: {
    description: "write a config and a spec to start from; overwrites nothing",
    argument: ["[dir]", "the folder; default: this one"],
    options: (command) =>
      command
        .option("--yaml", "write image.yaml instead of image.ts")
        .option("--cwd <dir>", "work as if started in this folder")
        .option("--json", "print one JSON document")
        .option("--debug", "print stacks of errors"),
  },
};

export const commandNames = Object.keys(definitions) as readonly CommandName[];

/**
 * The command line: its commands and options, and what `--help` says of them. Options are made for `called` alone, the
 * command that the line seems to call; it is left to commander to find out.
 */
export function createProgram(called: readonly string[], run: RunCommand): Command {
  const program = new Command("imagespec")
    .description(
      "Container images as typed data: build an image when it is not there, and say under which name it is.",
    )
    .version(manifest.version)
    .addHelpText("after", helpEnd);
  for (const name of commandNames) {
    const { description, argument, options } = definitions[name];
    const command = program.command(name).description(description);
    if (argument) command.argument(...argument);
    command.action(async () => run(name, command.args, command));
    if (called.includes(name)) options(command).addHelpText("after", helpEnd);
  }
  return program;
}
