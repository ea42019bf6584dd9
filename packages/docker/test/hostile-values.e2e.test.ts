import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectEngine } from "@imagespec/test-services";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { buildSpec, type SpecImage } from "./support/build-spec.ts";
import { hostileText } from "./support/hostile-plans.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);

/** By hand what has been taken for something else before, and some that no one thought of. */
const values: readonly string[] = [
  "",
  " ",
  " leading and trailing ",
  "'single' \"double\" `back`",
  "$HOME ${PATH} $(id) \\$HOME $",
  "ends with \\",
  "\\",
  '\\"',
  "\\\\\\",
  "# no comment",
  "two\nlines",
  "\n",
  "\nRUN touch /pwned\n",
  '"\nENTRYPOINT ["/pwned"]\nENV A="',
  "carriage\rreturn\r\n",
  "tab\tand \u0001 and \u007f",
  "\u0085\u2028\u2029\ufeff",
  "<<EOF\nRUN touch /pwned\nEOF",
  "# syntax=evil/frontend",
  "漢字 é 🐳 \u0301",
  "%s %n %20 &amp;",
  '["/bin/sh", "-c", "x"]',
  "--mount=type=secret,id=x",
  "a=b c=d",
  "x".repeat(20_000),
  "\\".repeat(20_000),
  "#\n".repeat(5_000),
  ...fc.sample(hostileText, { numRuns: 15, seed: 15_11 }),
];

const hasName = (value: string): boolean =>
  value !== "" && !/[/\n]|^\.{1,2}$/.test(value) && Buffer.byteLength(value) < 200;
const names = values.filter((value) => hasName(value));
const workDirectory = `/srv/w $HOME "q" 'q' \\ \`x\` #\n[a]*?`;
const printArguments = "import sys; sys.stdout.write('\\0'.join(sys.argv[1:]))";

let directory: string;
let image: SpecImage;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "imagespec-test-"));
  await mkdir(path.join(directory, "files"));
  for (const name of names) await writeFile(path.join(directory, "files", name), name);
  image = await buildSpec(
    {
      name: "hostile",
      baseImage: baseImages["python-system"],
      workDirectory,
      env: Object.fromEntries(values.map((value, index) => [`V_${index}`, value])),
      labels: Object.fromEntries(values.map((value, index) => [`label.${index}`, value])),
      entrypoint: ["python3", "-c", printArguments, ...values.filter((value) => value.length < 2_000)],
      extraPath: ["/opt/$HOME/bin", "/opt/a b"],
      copy: [
        { from: "files", to: `${workDirectory}/copied` },
        { from: "files", to: `/opt/"$HOME" \\ 'x'` },
      ],
      commands: values
        .filter((value) => value.length < 2_000)
        .map((value, index) => `printf %s '${value.replaceAll("'", "'\\''")}' > /opt/command.${index}`),
    },
    { directory },
  );
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function config(): Promise<{
  Env: string[];
  Labels: Record<string, string>;
  WorkingDir: string;
  Entrypoint: string[];
}> {
  return (await client.getImage(image.reference).inspect()).Config as never;
}

test("variables are what the spec says, in the config and in a container", async () => {
  const { Env } = await config();
  const ours = (lines: readonly string[]) => lines.filter((line) => line.startsWith("V_")).sort();
  const expected = values.map((value, index) => `V_${index}=${value}`).sort();
  expect(ours(Env)).toEqual(expected);
  expect(ours((await image.run(["env", "-0"])).split("\0"))).toEqual(expected);
  expect(Env.find((line) => line.startsWith("PATH="))).toMatch(/^PATH=\/opt\/\$HOME\/bin:\/opt\/a b:\/usr/);
});

test("labels are what the spec says", async () => {
  const { Labels } = await config();
  expect(Labels).toMatchObject(Object.fromEntries(values.map((value, index) => [`label.${index}`, value])));
  expect(
    Object.keys(Labels).filter((name) => !/^(label\.\d+|dev\.imagespec\..+|org\..+)$/.test(name)),
  ).toEqual([]);
});

test("the entrypoint gets its words one by one", async () => {
  const { Entrypoint } = await config();
  expect(Entrypoint.slice(3)).toEqual(values.filter((value) => value.length < 2_000));
});

test("the work directory has its name, and Python looks there", async () => {
  const { WorkingDir, Env } = await config();
  expect(WorkingDir).toBe(workDirectory);
  expect(Env).toContain(`PYTHONPATH=${workDirectory}`);
  expect(await image.run(["python3", "-c", "import os; print(os.getcwd(), end='')"])).toBe(workDirectory);
});

test.each([`${workDirectory}/copied`, `/opt/"$HOME" \\ 'x'`])(
  "files keep their names below %j",
  async (folder) => {
    const script =
      "import os, sys; os.chdir(sys.argv[1]); print(all(open(n, newline='').read() == n for n in os.listdir('.')), len(os.listdir('.')))";
    expect(await image.run(["python3", "-c", script, folder])).toBe(`True ${names.length}\n`);
  },
);

test("a quoted word of a command stays one word", async () => {
  const expected = values.filter((value) => value.length < 2_000);
  for (const [index, value] of expected.entries()) {
    if (index % 5 === 0) expect(await image.run(["cat", `/opt/command.${index}`])).toBe(value);
  }
});

test("nothing was run that nobody asked for", async () => {
  const marker = randomUUID();
  expect(await image.run(["sh", "-c", `ls / | grep pwned; echo ${marker}`])).toBe(`${marker}\n`);
});
