import { DEFAULT_INDEX } from "../../../src/engine/uv/fetch-uv.ts";

/** Locked by the test itself. */
export const uvProject: Readonly<Record<string, string>> = {
  "pyproject.toml": `[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["six==1.16.0"]

[dependency-groups]
dev = ["colorama==0.4.6"]
`,
};

export const poetryProject: Readonly<Record<string, string>> = {
  "pyproject.toml": `[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9,<4.0"
dependencies = ["six==1.16.0"]

[tool.poetry.group.dev.dependencies]
colorama = "0.4.6"

[[tool.poetry.source]]
name = "index"
url = "${DEFAULT_INDEX}/"
priority = "primary"
`,
  "poetry.lock": `[[package]]
name = "colorama"
version = "0.4.6"
description = "Cross-platform colored terminal text."
optional = false
python-versions = "!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*,!=3.6.*,>=2.7"
groups = ["dev"]
files = [
    {file = "colorama-0.4.6-py2.py3-none-any.whl", hash = "sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6"},
    {file = "colorama-0.4.6.tar.gz", hash = "sha256:08695f5cb7ed6e0531a20572697297273c47b8cae5a63ffc6d6ed5c201be6e44"},
]

[package.source]
type = "legacy"
url = "${DEFAULT_INDEX}"
reference = "index"

[[package]]
name = "six"
version = "1.16.0"
description = "Python 2 and 3 compatibility utilities"
optional = false
python-versions = ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*"
groups = ["main"]
files = [
    {file = "six-1.16.0-py2.py3-none-any.whl", hash = "sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"},
    {file = "six-1.16.0.tar.gz", hash = "sha256:1e61c37477a1626458e36f7b1d82aa5c9b094fa4802892072e49de9c60c4c926"},
]

[package.source]
type = "legacy"
url = "${DEFAULT_INDEX}"
reference = "index"

[metadata]
lock-version = "2.1"
python-versions = ">=3.9,<4.0"
content-hash = "b2939fd4858b4974c8edeffedf47c3a73c34840b6c551ff02cfcd5bedf14cf68"
`,
};
