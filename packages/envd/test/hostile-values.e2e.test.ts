import type { ImageSpec } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { build, type Files } from "./support/engine.ts";
import { hostile } from "./support/hostile-plans.ts";
import { runIn } from "./support/look-into.ts";
import { prepareSuite } from "./support/suite.ts";

const { dockerHost, base, programs } = prepareSuite();
const client = connectEngine(dockerHost);

/** What has ended or begun something for a reader on the way: Starlark, envd's split into words, two shells. */
const known: readonly string[] = [
  "it's",
  "'; touch /pwned; echo '",
  '"])\n    run(commands=["touch /pwned"])\n    run(commands=["',
  "'\\''",
  "ends with \\",
  "# the rest",
  "two\nlines\n",
  "$(touch /pwned) ${HOME} $1 `touch /pwned`",
  "-r /etc/passwd",
  " blanks ",
  "\t\u0001\u007f\u0085\u2028\ufeff\u00a0",
  "\\n\\x41\\u0041",
  "%s {} {0}",
  "é 漢字 🐳",
];
const isText = (value: string): boolean => value.isWellFormed() && !value.includes("\0");
const sampled = fc.sample(
  hostile.filter((value) => isText(value) && value.length < 2000),
  { numRuns: 34, seed: 6 },
);
const values = [...known, ...sampled];

const names = values.filter((value) => !/[/\n]|^\.{0,2}$/.test(value) && Buffer.byteLength(value) < 200);
const files: Files = Object.fromEntries(names.map((name, index) => [`files/${name}`, `${index}`]));
const workDirectory = `/srv/it's "$HOME" \\ #x`;
const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const spec: ImageSpec = {
  name: "hostile",
  baseImage: base,
  workDirectory,
  env: Object.fromEntries(values.map((value, index) => [`V_${index}`, value])),
  extraPath: ["/opt/$HOME/bin", "/opt/it's"],
  copy: [
    { from: "files", to: `${workDirectory}/copied` },
    { from: "files", to: `/opt/"$HOME" 'x'` },
  ],
  commands: [
    "env -0 > /opt/seen",
    ...values.map((value, index) => `printf %s ${quoted(value)} > /opt/said.${index}`),
  ],
  entrypoint: ["python3", "-c", "import sys", ...values],
};

let reference: string;

beforeAll(async () => {
  const { outcome } = await build(spec, { files, options: { binary: programs.envd } });
  expect(outcome.error).toBeUndefined();
  reference = outcome.reference;
});

/** What a program of Python, which prints JSON, sees in a container. */
async function seen(program: string, ...words: readonly string[]): Promise<unknown> {
  return JSON.parse(await runIn(client, reference, ["python3", "-c", program, ...words]));
}

const settings = async () => (await client.getImage(reference).inspect()).Config;

test("variables are those of the spec, in the image, in its commands and in a container", async () => {
  const { Env } = await settings();
  const expected = values.map((value, index) => `V_${index}=${value}`).sort();
  const ours = (lines: readonly string[]) => lines.filter((line) => line.startsWith("V_")).sort();
  expect(ours(Env)).toEqual(expected);
  const read = "import json; print(json.dumps(open('/opt/seen', newline='').read().split(chr(0))))";
  const inCommands = (await seen(read)) as readonly string[];
  expect(ours(inCommands)).toEqual(expected);
  expect(inCommands.find((line) => line.startsWith("PATH="))).toMatch(
    /^PATH=\/opt\/\$HOME\/bin:\/opt\/it's:/,
  );
  const container = "import json, os; print(json.dumps([f'{k}={v}' for k, v in os.environ.items()]))";
  expect(ours((await seen(container)) as readonly string[])).toEqual(expected);
});

test("the entrypoint gets its words one by one", async () => {
  expect((await settings()).Entrypoint).toEqual(spec.entrypoint);
});

test("each command is run as it is written", async () => {
  const read = `
import json, sys
print(json.dumps([open(f"/opt/said.{index}", newline="").read() for index in range(int(sys.argv[1]))]))`;
  expect(await seen(read, String(values.length))).toEqual(values);
});

test.each([`${workDirectory}/copied`, `/opt/"$HOME" 'x'`])(
  "files keep names and contents in %j",
  async (to) => {
    const read = `
import json, os, sys
os.chdir(sys.argv[1])
print(json.dumps({name: open(name).read() for name in os.listdir(".")}))`;
    expect(await seen(read, to)).toEqual(Object.fromEntries(names.map((name, index) => [name, `${index}`])));
  },
);

test("nothing was run that nobody asked for", async () => {
  expect(await seen("import json, os; print(json.dumps(os.path.exists('/pwned')))")).toBe(false);
});
