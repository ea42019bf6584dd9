import { expect, test } from "vitest";
import { type CommandName, commandNames, createProgram } from "./program.ts";

const common = [
  "--cwd",
  "--config",
  "--paths-from",
  "--builder",
  "--registry",
  "--platform",
  "--json",
  "--debug",
];
const tags = [...common, "--locked"];
const builds = [
  ...tags,
  ...["--push", "--no-push", "--force", "--concurrency", "--keep-going", "--if-unknown"],
  ...["--metadata-file", "--progress", "--secret"],
];

/** What every command takes, whole: an option that is added stands here, too, and in the documentation. */
const table: Readonly<
  Record<CommandName, readonly [argument: string | undefined, options: readonly string[]]>
> = {
  build: ["[source...]", builds],
  plan: ["[source...]", [...builds, "--exit-code"]],
  tag: ["[source...]", tags],
  exists: ["[image...]", tags],
  emit: ["[source]", [...tags, "--format", "--out"]],
  explain: ["[source]", [...tags, "--against"]],
  builders: [undefined, common],
  "check-public": ["[image]", common],
  doctor: ["[source...]", common],
  lock: ["[source...]", [...common, "--check", "--drift"]],
  completion: ["<shell>", []],
  init: ["[dir]", ["--yaml", "--cwd", "--json", "--debug"]],
};

const program = createProgram(commandNames, async () => {});

test("the commands", () => expect([...commandNames].sort()).toEqual(Object.keys(table).sort()));

test.each(program.commands.map((command) => [command.name() as CommandName, command] as const))(
  "%s takes what it is said to take",
  (name, command) => {
    const [argument] = command.registeredArguments;
    const brackets = argument?.required ? "<>" : "[]";
    const shown =
      argument && `${brackets[0]}${argument.name()}${argument.variadic ? "..." : ""}${brackets[1]}`;
    expect([shown, command.options.map(({ long }) => long)]).toEqual(table[name]);
  },
);

test.each([
  ["--paths-from", ["cwd", "spec"]],
  ["--if-unknown", ["error", "build", "skip"]],
  ["--progress", ["auto", "tty", "plain", "json", "quiet"]],
  ["--format", ["dockerfile", "envd", "union"]],
])("%s is one of %j", (long, choices) => {
  const found = program.commands.flatMap(({ options }) => options).filter((option) => option.long === long);
  expect(found.length).toBeGreaterThan(0);
  for (const { argChoices } of found) expect(argChoices).toEqual(choices);
});

test.each([
  ["build", ["--concurrency", "2", "--secret", "id=a,src=f", "--secret", "id=b,env=V", "x.yaml", "y"]],
  ["build", ["x.yaml", "y", "--secret=id=a,src=f", "--secret=id=b,env=V", "--concurrency=2"]],
])("options of %s stand before or behind its sources", async (name, line) => {
  let called: unknown;
  const one = createProgram([name], async (command, sources, { opts }) => {
    called = { command, sources, opts };
  });
  await one.parseAsync([name, ...line], { from: "user" });
  const [command] = one.commands;
  expect(called).toMatchObject({ command: name, sources: ["x.yaml", "y"] });
  expect(command?.opts()).toEqual({ concurrency: 2, secret: { a: { file: "f" }, b: { variable: "V" } } });
});
