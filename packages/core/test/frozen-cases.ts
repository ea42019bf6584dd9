import type { RecordedCase } from "./materialize-case.ts";

export type FrozenCase = RecordedCase & Readonly<{ id: string }>;

const pyproject =
  '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["six"]\n';

/** One case for each kind of step and for each field that is hashed. */
export const frozenCases: readonly FrozenCase[] = [
  { id: "nothing", spec: {} },
  { id: "base", spec: { baseImage: "python:3.12-slim" } },
  { id: "python", spec: { pythonVersion: "3.11", packages: ["numpy==2.2.0", "pandas"] } },
  {
    id: "nested",
    spec: { baseImage: { baseImage: "debian:12", aptPackages: ["git"] }, commands: ["git --version"] },
  },
  {
    id: "everything-by-value",
    spec: {
      baseImage: "ubuntu:22.04",
      pythonVersion: "3.12",
      aptPackages: ["git", "curl"],
      condaPackages: ["pytorch"],
      condaChannels: ["nvidia", "conda-forge"],
      cuda: "12.1.0",
      cudnn: "8",
      packages: ["requests"],
      pipIndex: "https://index.example/simple",
      pipExtraIndexUrl: ["https://extra.example/simple"],
      pipExtraArgs: "--pre --no-deps",
      env: { B: "2", A: "a b\n$" },
      extraPath: ["/opt/tool/bin"],
      commands: ["true", "echo 'a b'"],
      entrypoint: ["python", "-m", "http.server"],
      workDirectory: "/srv/app",
      platform: ["linux/arm64", "linux/amd64"],
      pythonExec: "/usr/bin/python3",
      labels: { "org.opencontainers.image.source": "https://example.com" },
    },
  },
  { id: "empty-entrypoint", spec: { baseImage: "debian:12", entrypoint: [] } },
  {
    id: "requirements",
    spec: { requirements: "requirements.txt" },
    files: {
      "requirements.txt": "# a\nsix\r\n-r more.txt\n-c limits.txt\n",
      "more.txt": "attrs\n",
      "limits.txt": "six<2\n",
    },
  },
  {
    id: "uv-lock",
    spec: { requirements: "uv.lock" },
    files: { "uv.lock": 'version = 1\nrequires-python = ">=3.10"\n', "pyproject.toml": pyproject },
  },
  {
    id: "poetry-lock",
    spec: { requirements: "poetry.lock", installProject: true },
    files: {
      "poetry.lock": 'package = []\n\n[metadata]\nlock-version = "2.1"\ncontent-hash = "00"\n',
      "pyproject.toml": pyproject,
      "demo/__init__.py": "",
    },
  },
  {
    id: "pyproject",
    spec: { requirements: "pyproject.toml", packages: ["attrs"] },
    files: { "pyproject.toml": pyproject },
  },
  {
    id: "files",
    spec: { sourceRoot: "src", copy: ["data", { from: "tool.sh", to: "/usr/local/bin/tool" }] },
    files: {
      "src/main.py": "print(1)\n",
      "data/a/bc": "x",
      "data/link": { symlink: "a/bc" },
      "data/empty": { dir: true },
      "tool.sh": { text: "#!/bin/sh\n", mode: 0o755 },
    },
  },
];
