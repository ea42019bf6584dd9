import { describe, expect, test } from "vitest";
import { commandNames, createProgram } from "../packages/cli/src/program.ts";
import { documents, filesBelow, read } from "./documents.ts";

/** What is code in a page: its blocks of shell, and what stands between backticks. */
function codeOf(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = ""]) => text);
  const spans = [...page.replace(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
  return [...blocks, ...spans];
}

type Call = Readonly<{ file: string; call: string; name: string; flags: readonly string[] }>;

function callsIn(file: string): readonly Call[] {
  const text = read(file);
  const code = file.endsWith(".md") ? codeOf(text) : [text];
  const calls = code.flatMap((one) => [
    ...one.matchAll(/(?<![\w@/.-])imagespec ([a-z][a-z-]*)([^\n|&;#)]*)/g),
  ]);
  return calls.map(([call, name = "", rest = ""]) => {
    const flags = [...rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([flag]) => flag);
    return { file, call: call.trim(), name, flags };
  });
}

const found = [...documents, ...filesBelow("examples", /\.ya?ml$/)].flatMap(callsIn);
const program = createProgram(commandNames, async () => {});

/** No page calls a command or an option that is not there. */
describe("the command as the documentation calls it", () => {
  test("is called", () => expect(found.length).toBeGreaterThan(20));

  test.each(found)("$file: $call", ({ name, flags }) => {
    const command = program.commands.find((one) => one.name() === name);
    expect(command?.name()).toBe(name);
    const known = ["--help", ...(command?.options ?? []).map(({ long }) => long)];
    for (const flag of flags) expect(known).toContain(flag);
  });
});

test.each(["README.md", "packages/cli/README.md"])("%s names every command", (file) => {
  const page = read(file);
  for (const name of commandNames) expect(page).toMatch(new RegExp(`\`${name}\\b`));
});
