import { type Difference, FLYTEKIT_VERSION } from "./difference.ts";
import { differences } from "./differences.ts";
import { type CaseName, caseNames } from "./specs.ts";

/** What the twelve specs do not show; read in flytekit's source. */
const read: readonly Omit<Difference, "seen">[] = [
  {
    what: "base where none is named",
    flytekit: "`debian:bookworm-slim`",
    here: "`python:<version>-slim-bookworm`",
    why: "the base has Python then, and conda is not needed for it",
  },
  {
    what: "`python_version` not given",
    flytekit: "that of the Python that runs flytekit",
    here: "that of the base, else 3.12",
    why: "the host plays no part in an image",
  },
  {
    what: "`uv.lock` of a workspace, or with path dependencies",
    flytekit: "fails: the lock and pyproject.toml are all that the build is given",
    here: "members and path dependencies are installed",
    why: "such locks cannot be installed without",
  },
  {
    what: "`pyproject.toml` as `requirements`, `-r` and `-c` in requirements.txt",
    flytekit: "fail: the file is read as lines of requirements, and files that it names are not there",
    here: "its dependencies; included files are followed",
    why: "both are how projects write their requirements",
  },
  {
    what: "`conda_channels`",
    flytekit: "`conda-forge` first, then the spec's",
    here: "the spec's first, then `conda-forge` unless they have addresses of their own",
    why: "a company's channel counts before the open one",
  },
];

function table(rows: readonly Omit<Difference, "seen">[]): string {
  const lines = rows.map(({ what, flytekit, here, why }) => `| ${what} | ${flytekit} | ${here} | ${why} |`);
  return ["| | flytekit | here | why |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function nameCases(names: readonly CaseName[]): string {
  if (names.length === caseNames.length) return "all";
  const others = caseNames.filter((name) => !names.includes(name));
  const isMost = names.length > others.length;
  return `${isMost ? "all but " : ""}${(isMost ? others : names).map((name) => `\`${name}\``).join(", ")}`;
}

function evidence({ what, seen }: Difference): string {
  const lines = [...new Set(caseNames.flatMap((name) => seen[name] ?? []))];
  const found = lines.map((line) => {
    const names = caseNames.filter((name) => seen[name]?.includes(line));
    return `- \`${line}\` (${nameCases(names)})`;
  });
  return [`### ${what[0]?.toUpperCase()}${what.slice(1)}`, ...found].join("\n");
}

const comparison = `What is compared: the packages that the first Python on PATH sees, apt's packages, variables, the configuration
(work directory, entrypoint, command, shell, labels, history), the accounts and the image's user, which modules are found
and where, and every file of the image with its mode, owner and content, but for those of packages. What does not stand
here is equal: versions of packages, what apt installs, \`PYTHONPATH\`, the work directory, entrypoints, copied files and
their modes among it. pip, setuptools and wheel are left out: whether they are there is a matter of the Python.

The test reaches registries of packages, and none of images. In place of what flytekit's Dockerfile takes from those stands,
under the same names:

- \`docker/dockerfile:1.5\`: the reader of Dockerfiles of BuildKit 0.20, from its source
- \`ghcr.io/astral-sh/uv:0.5.1\`: the same release, from PyPI
- \`mambaorg/micromamba:2.0.3-debian12-slim\`: a program that makes an environment of the base's Python 3.11 where conda's
  would be, so nothing is said of what conda installs
- flytekit ${FLYTEKIT_VERSION} as it is installed into images: a package of that name without its dependencies; poetry: 2.2.1
- \`debian:bookworm-slim\` and \`python:3.11-slim-bookworm\`: one image of Debian 12 with its Python`;

/** The text of `docs/flytekit-differences.md`. */
export function differencesDocument(): string {
  return `# What an image has that flytekit's would not, and the other way around

Images of \`@imagespec/docker\` against those of flytekit ${FLYTEKIT_VERSION}, whose default builder (\`flytekit/image_spec/default_builder.py\`,
from PyPI) builds the same specs on the same engine. A test does it with twelve: ${caseNames.map((name) => `\`${name}\``).join(", ")}.
It looks into both images of each and fails when they differ in anything but this:

${table(differences)}

What these specs do not show, read in flytekit's source:

${table(read)}

## How it is found out

${comparison}

## What was found

Each line has what flytekit's image has, then what ours has; \`–\` is nothing. Behind it stand the specs.

${differences.map(evidence).join("\n\n")}
`;
}
