import { butIn, type Difference, inEach, together } from "./difference.ts";

const runtime = "/opt/micromamba/envs/runtime";
const cuda = "/usr/local/nvidia/bin:/usr/local/cuda/bin";
const locks = ["uv.lock", "poetry.lock"] as const;
/** Where packages are. */
export const pythonDifferences: readonly Difference[] = [
  {
    what: "Python",
    flytekit: `always an environment of micromamba, \`${runtime}\`; what the base has installed is not seen. Folders of CUDA are on PATH, whether they are there or not`,
    here: "the environment that the base already runs; one of our own, `/opt/venv`, only where `pythonVersion` is another, or for conda packages. PATH is the base's, with `extraPath` in front",
    why: "what the base brings sees what is installed, and one Python is smaller than two",
    seen: together(
      butIn(["python_exec"], "/opt/micromamba is: there | –"),
      butIn(
        [...locks, "python_exec"],
        `image's python: ${runtime} | /usr`,
        `variable UV_PYTHON: ${runtime}/bin/python | –`,
      ),
      butIn(
        [...locks, "packages", "python_exec", "nested base_image"],
        `variable PATH: ${runtime}/bin:$PATH:${cuda} | $PATH`,
      ),
      inEach(
        ["nested base_image"],
        `variable PATH: ${runtime}/bin:${runtime}/bin:$PATH:${cuda}:${cuda} | $PATH`,
      ),
    ),
  },
  {
    what: "`python_version`",
    flytekit: "the version of that environment",
    here: "as above; `/opt/venv/bin` is on PATH even where the base's Python was the right one",
    why: "the text of a Dockerfile is written before anybody knows what Python a base has",
    seen: inEach(["packages"], `variable PATH: ${runtime}/bin:$PATH:${cuda} | /opt/venv/bin:$PATH`),
  },
  {
    what: "`python_exec`",
    flytekit:
      "a new environment `/root/.venv` of that interpreter; where that is an environment's own, what the environment has is not seen",
    here: "the environment of that interpreter itself, PEP 668 overridden",
    why: "`pythonExec` names where packages are to go",
    seen: inEach(
      ["python_exec"],
      "/root/.venv is: there | –",
      "image's python: /root/.venv | /opt/venv",
      "module base_tool: not found | installed",
      "package base-tool: – | 1.0",
      ...["base-tool", "pip", "pip3", "pip3.11"].map((name) => `/opt/venv/bin/${name} is: there | –`),
      `variable PATH: /root/.venv/bin:/opt/venv/bin:$PATH:${cuda} | /opt/venv/bin:$PATH`,
      "variable UV_PYTHON: /root/.venv/bin/python | –",
    ),
  },
  {
    what: "flytekit itself",
    flytekit: "added to `packages` and requirements.txt where it is not named",
    here: "not added",
    why: "nothing is installed that the spec does not name",
    seen: butIn(locks, "package flytekit: 1.16.31 | –"),
  },
  {
    what: "`uv.lock`, `poetry.lock`",
    flytekit: "installed into `/root/.venv`, beside the environment of micromamba",
    here: "installed into the base's environment",
    why: "as for any other packages",
    seen: inEach(
      locks,
      "/root/.venv is: there | –",
      "image's python: /root/.venv | /usr",
      `variable PATH: /root/.venv/bin:${runtime}/bin:$PATH:${cuda} | $PATH`,
      "variable UV_PYTHON: /root/.venv/bin/python | –",
    ),
  },
  {
    what: "`poetry.lock`",
    flytekit: "groups for developers are installed; poetry and its variables stay in the image",
    here: "the main group alone; poetry is gone",
    why: "what developers use does not run in the image",
    seen: inEach(
      ["poetry.lock"],
      "/tmp/poetry_cache is: there | –",
      "module colorama: installed | not found",
      "package colorama: 0.4.6 | –",
      "tool poetry: true | false",
      "variable POETRY_CACHE_DIR: /tmp/poetry_cache | –",
      "variable POETRY_VIRTUALENVS_IN_PROJECT: true | –",
    ),
  },
];
