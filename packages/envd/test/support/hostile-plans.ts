import { posix } from "node:path";
import type { BuildPlan, KnownStep } from "@imagespec/core/builder";
import fc from "fast-check";

const pieces = [
  ..."'\"\\\n\r\t;#$`&|<>()*?[]{}!~ =%@:,./-+",
  ...[
    "$( )",
    "${HOME}",
    "$(id)",
    "'; exit 0 #",
    '"])\n    run(commands=["',
    "\\n",
    "\\x41",
    "%s",
    "#",
    "é",
    "🚀",
    "\u2028",
  ],
  ...[
    "\u0085",
    "\u00a0",
    "\ufeff",
    "\u0001",
    "\u007f",
    "--",
    "-r",
    "a",
    "bc",
    "x y",
    "\0",
    "\ud800",
    "a".repeat(300),
  ],
];

/** Texts that some reader on the way may take for more than a text. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((p) => p.join("")),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom("'".repeat(65_536), "a\n".repeat(32_768), "\\".repeat(65_536)) },
);

const word = fc.constantFrom(
  "numpy",
  "six==1.16.0",
  'idna; python_version > "3"',
  "a[b,c]>=1,<2",
  "x @ https://h/x.whl",
);
const list = (item: fc.Arbitrary<string>, maxLength = 3) => fc.array(item, { maxLength });
const apt = fc.oneof(
  fc.constantFrom("git", "g++", "libstdc++6", "curl=7.88.1-10+deb12u1", "libc6:amd64"),
  hostile,
);
const variableName = fc.oneof(fc.constantFrom("A", "B_C", "d.e", "GRÜSSE", "__proto__", "LC_ALL"), hostile);

const index = fc.record({
  index: fc.option(fc.oneof(fc.constant("https://h/simple?a=1&b=2"), hostile), { nil: undefined }),
  extraIndexes: list(hostile, 2),
  extraArguments: list(fc.oneof(fc.constantFrom("--pre", "--no-deps"), hostile), 2),
});

const requirements = fc
  .record({ packages: list(fc.oneof(word, hostile)), index })
  .map((step): KnownStep => ({ kind: "requirements", files: [], local: [], secrets: [], ...step }));

const environment = fc
  .record({
    variables: fc
      .array(fc.tuple(variableName, hostile), { maxLength: 4 })
      .map((pairs) => Object.fromEntries(pairs)),
    extraPath: list(hostile, 2),
  })
  .map((step): KnownStep => ({ kind: "environment", ...step }));

const absolute = fc.oneof(
  fc.constantFrom("/root", "/srv/it's", "/"),
  hostile.map((text) => posix.resolve("/", text)),
);

const files = fc.record({ target: absolute, name: hostile }).map(({ target, name }): KnownStep => {
  const context = `copy/0/${target.split("/").at(-1)}`.replace(/\/$/, "");
  const file = {
    type: "file",
    path: `_${name.replaceAll("/", "_")}`,
    mode: 0o644,
    size: 0,
    sha256: "",
  } as const;
  return { kind: "files", origin: "copy", trees: [{ target, context, files: [file] }] };
});

const optional = (step: fc.Arbitrary<KnownStep>) => fc.option(step, { nil: undefined, freq: 2 });

const steps = fc
  .tuple(
    optional(list(apt).map((packages): KnownStep => ({ kind: "apt", packages }))),
    optional(environment),
    optional(requirements),
    optional(files),
    optional(list(hostile).map((commands): KnownStep => ({ kind: "commands", commands }))),
    optional(list(hostile).map((words): KnownStep => ({ kind: "entrypoint", arguments: words }))),
  )
  .map((all) => all.filter((step) => step !== undefined));

/** conda alone, for it brings steps of envd's own. */
export const condaSteps: fc.Arbitrary<KnownStep[]> = fc
  .record({ packages: fc.array(hostile, { minLength: 1, maxLength: 3 }), channels: list(hostile, 2) })
  .map((step): KnownStep[] => [{ kind: "conda", ...step }]);

/** Plans on a base whose name is `reference`. */
export function hostilePlans(
  reference: string,
  chosen: fc.Arbitrary<KnownStep[]> = steps,
): fc.Arbitrary<BuildPlan> {
  return fc.record({ steps: chosen, workDirectory: absolute }).map((parts) => ({
    recipe: 1,
    destination: { name: "hostile", registry: "localhost:5000" },
    base: { kind: "reference", reference },
    platforms: ["linux/amd64"],
    builderOptions: {},
    id: "abcdefghijklmnopqrstuvwxyz",
    ...parts,
  }));
}
