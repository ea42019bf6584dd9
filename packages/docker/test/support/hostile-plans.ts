import type { BuildPlan, KnownStep, PlannedTree } from "@imagespec/core";
import * as fc from "fast-check";

/** What is special to some reader of a Dockerfile, a shell, JSON or CSV. */
const fragments = [
  ..."\"'`\\$#;&|<>(){}[]*?!~%,=:/ -+",
  "\n",
  "\r\n",
  "\t",
  "\u0001",
  "\u007f",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\\\n",
  "\\ \n",
  "\\\\",
  "\\n",
  "\nRUN touch /pwned\n",
  '\nENTRYPOINT ["/pwned"]',
  "# syntax=evil/frontend\n",
  "${PATH}",
  "$(touch /pwned)",
  "`touch /pwned`",
  "<<EOF",
  "<<'EOF'\n",
  "EOF\n",
  '"]\nRUN x',
  "--mount=type=secret,id=x",
  "AS other",
  "é",
  "漢字",
  "🐳",
  "a",
  "Z",
  "0",
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...fragments) },
  { weight: 1, arbitrary: fc.string() },
);

/** Text that an image can hold, made of what could end or begin something. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => pieces.join("").replaceAll("\0", ""))
  .filter((text) => text.isWellFormed());

const filled = hostileText.filter((text) => text !== "");
const list = fc.array(filled, { maxLength: 4 });
const variableName = fc
  .stringMatching(/^[A-Z_a-z][A-Z_a-z0-9]{0,12}$/)
  .filter((name) => !name.startsWith("IMAGESPEC_"));
const labelName = fc.stringMatching(/^[a-z][a-z0-9./_-]{0,20}$/);
const imagePath = filled.map((text) => `/${text.replaceAll("/", "_")}`);

const record = (name: fc.Arbitrary<string>) =>
  fc.dictionary(name, hostileText, { maxKeys: 4, noNullPrototype: true });

const tree: fc.Arbitrary<PlannedTree> = fc
  .record({ target: imagePath, context: imagePath.map((name) => `copy/0${name}`) })
  .map((parts) => ({ ...parts, files: [{ type: "directory", path: "" }] }));

const steps: readonly fc.Arbitrary<KnownStep>[] = [
  fc.record({ kind: fc.constant("apt" as const), packages: list }),
  fc.record({
    kind: fc.constant("python" as const),
    version: fc.option(filled, { nil: undefined }),
    executable: fc.option(filled, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("environment" as const),
    variables: record(variableName),
    extraPath: fc.array(
      filled.map((text) => text.replaceAll(":", "_")),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant("conda" as const), packages: list, channels: list }),
  fc.record({
    kind: fc.constant("requirements" as const),
    files: fc.constant([{ context: "requirements/0.txt", lines: ["x"] }]),
    packages: list,
    local: fc.constant([]),
    index: fc.record({
      index: fc.option(filled, { nil: undefined }),
      extraIndexes: list,
      extraArguments: list,
    }),
    secrets: fc.constant([]),
  }),
  fc.record({
    kind: fc.constant("files" as const),
    origin: fc.constant("copy" as const),
    trees: fc.array(tree, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("commands" as const), commands: list }),
  fc.record({ kind: fc.constant("entrypoint" as const), arguments: fc.array(hostileText, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("labels" as const), labels: record(labelName) }),
];

const someSteps = fc.tuple(...steps.map((step) => fc.option(step, { nil: undefined })));

/** Plans whose every text is hostile, and that a Dockerfile can carry all the same. */
export const hostilePlan: fc.Arbitrary<BuildPlan> = fc.record({
  recipe: fc.constant(1),
  destination: fc.record({ name: filled }),
  base: fc.constant({ kind: "reference" as const, reference: "docker.io/library/base:1" }),
  platforms: fc.constant(["linux/amd64"]),
  workDirectory: imagePath,
  steps: someSteps.map((all) => all.filter((step) => step !== undefined)),
  builderOptions: fc.constant({}),
  id: filled,
});
