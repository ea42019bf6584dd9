import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectEngine } from "@imagespec/test-services";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POETRY_VERSION, UV_VERSION } from "../src/dockerfile/recipe.ts";
import { buildSpec } from "./support/build-spec.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);

/** A workspace: the project, a member that it depends on, and a group for developers. */
const uvProject: Readonly<Record<string, string>> = {
  "uv/pyproject.toml": `
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["six==1.16.0", "member"]
[dependency-groups]
dev = ["tabulate"]
[tool.uv.workspace]
members = ["libs/*"]
[tool.uv.sources]
member = { workspace = true }
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
`,
  "uv/src/demo/__init__.py": "",
  "uv/libs/member/pyproject.toml": `
[project]
name = "member"
version = "1.0"
requires-python = ">=3.9"
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
`,
  "uv/libs/member/src/member/__init__.py": "VALUE = 1",
};

/** A path dependency that poetry would only link to, and a group for developers. INDEX is where packages come from. */
const poetryProject: Readonly<Record<string, string>> = {
  "poetry/pyproject.toml": `
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9,<4.0"
dependencies = ["six==1.16.0", "linked"]
[tool.poetry]
packages = [{ include = "demo" }]
[tool.poetry.dependencies]
linked = { path = "libs/linked", develop = true }
[tool.poetry.group.dev.dependencies]
tabulate = "*"
[[tool.poetry.source]]
name = "index"
url = "INDEX"
priority = "primary"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
`,
  "poetry/demo/__init__.py": "",
  "poetry/libs/linked/pyproject.toml": `
[project]
name = "linked"
version = "1.0"
requires-python = ">=3.9,<4.0"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
`,
  "poetry/libs/linked/linked/__init__.py": "VALUE = 1",
};

const plainProject: Readonly<Record<string, string>> = {
  "plain/pyproject.toml": `
[project]
name = "demo"
version = "1.0"
dependencies = ["six==1.16.0"]
`,
};

/** Both tools in a container, on the files of this machine. */
const lockBoth = `
set -e
pip install --quiet --break-system-packages --root-user-action ignore uv==${UV_VERSION} poetry==${POETRY_VERSION}
export REQUESTS_CA_BUNDLE=\${SSL_CERT_FILE:-}
cd /work/uv && uv lock --quiet
cd /work/poetry
index=$(python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')
sed -i "s#INDEX#$index/#" pyproject.toml
poetry lock --quiet
`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "imagespec-test-"));
  for (const [name, content] of Object.entries({ ...uvProject, ...poetryProject, ...plainProject })) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), content);
  }
  const { reference } = await buildSpec({ baseImage: baseImages["python-system"] });
  const container = await client.createContainer({
    Image: reference,
    Entrypoint: ["sh", "-c", lockBoth],
    HostConfig: { Binds: [`${directory}:/work`] },
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const log = await container.logs({ stdout: true, stderr: true });
    expect(StatusCode, log.toString()).toBe(0);
  } finally {
    await container.remove({ force: true });
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Where modules are, and the flags of what they are compiled to. @see https://peps.python.org/pep-0552/ */
const look = `
import importlib.util as find, sys
specs = {name: find.find_spec(name) for name in sys.argv[1:]}
for name, spec in specs.items(): print(name, spec and spec.origin)
print("compiled", {open(spec.cached, "rb").read(8)[4:].hex() for spec in specs.values() if spec})
`;

const sites = {
  "python-system": "/usr/local/lib/python3.11/dist-packages",
  "python-venv": "/opt/venv/lib/python3.11/site-packages",
};

type Case = Readonly<{
  base: "python-system" | "python-venv";
  requirements: string;
  installProject?: boolean;
  found: string;
}>;

const cases: Readonly<Record<string, Case>> = {
  "uv.lock: dependencies and members of the workspace, neither developers' tools nor the project": {
    base: "python-system",
    requirements: "uv/uv.lock",
    found: "six SITE/six.py\nmember SITE/member/__init__.py\nlinked None\ntabulate None\ndemo None\n",
  },
  "uv.lock with its project": {
    base: "python-venv",
    requirements: "uv/uv.lock",
    installProject: true,
    found:
      "six SITE/six.py\nmember SITE/member/__init__.py\nlinked None\ntabulate None\ndemo SITE/demo/__init__.py\n",
  },
  "poetry.lock: dependencies, in full where poetry would link, neither developers' tools nor the project": {
    base: "python-venv",
    requirements: "poetry/poetry.lock",
    found: "six SITE/six.py\nmember None\nlinked SITE/linked/__init__.py\ntabulate None\ndemo None\n",
  },
  "poetry.lock with its project": {
    base: "python-system",
    requirements: "poetry/poetry.lock",
    installProject: true,
    found:
      "six SITE/six.py\nmember None\nlinked SITE/linked/__init__.py\ntabulate None\ndemo SITE/demo/__init__.py\n",
  },
  "pyproject.toml: what it depends on": {
    base: "python-system",
    requirements: "plain/pyproject.toml",
    found: "six SITE/six.py\nmember None\nlinked None\ntabulate None\ndemo None\n",
  },
};

test.each(Object.keys(cases))("%s", async (name) => {
  const { base, requirements, installProject = false, found } = cases[name]!;
  const image = await buildSpec({ baseImage: baseImages[base], requirements, installProject }, { directory });
  const printed = await image.run(["python3", "-c", look, "six", "member", "linked", "tabulate", "demo"]);
  expect(printed.replaceAll(sites[base], "SITE")).toBe(`${found}compiled {'01000000'}\n`);
});
