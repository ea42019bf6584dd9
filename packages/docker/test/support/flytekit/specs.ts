import type { ImageSpec } from "@imagespec/core";
import { poetryProject, uvProject } from "./projects.ts";

/** What specs are given that a test has to start or to make first. */
export type Surroundings = Readonly<{
  base(name: "python-system" | "python-venv" | "python-nonroot"): string;
  /** `HOST:PORT` of an index of packages that wants a login. */
  index: string;
  login: Readonly<{ username: string; password: string }>;
}>;

/** An executable file is given as `{ program }`, a symlink as `{ link }`. */
export type CaseFile = string | Readonly<{ program: string }> | Readonly<{ link: string }>;

export type FlytekitCase = Readonly<{
  /** In flytekit's and our names alike. */
  spec: ImageSpec;
  files?: Readonly<Record<string, CaseFile>>;
  /** Modules whose origin is compared. */
  modules: readonly string[];
}>;

const application: Readonly<Record<string, CaseFile>> = {
  "app/__init__.py": "",
  "app/main.py": "print('started')\n",
  "app/run.sh": { program: "#!/bin/sh\nexec python3 -m app.main\n" },
  "app/current.py": { link: "main.py" },
};

function netrc({ index, login }: Surroundings): string {
  return `machine ${index.replace(/:\d+$/, "")}\nlogin ${login.username}\npassword ${login.password}\n`;
}

/** Twelve specs as users of flytekit write them. */
export const caseNames = [
  "packages",
  "requirements.txt",
  "apt_packages",
  "env",
  "copy",
  "source_root",
  "commands",
  "uv.lock",
  "poetry.lock",
  "pip_extra_index_url",
  "python_exec",
  "nested base_image",
] as const;

export type CaseName = (typeof caseNames)[number];

export function flytekitCases(surroundings: Surroundings): Readonly<Record<CaseName, FlytekitCase>> {
  const { base, index, login } = surroundings;
  const baseImage = base("python-system");
  return {
    packages: {
      spec: { pythonVersion: "3.11", packages: ["six==1.16.0", "tabulate==0.9.0"] },
      modules: ["six", "tabulate"],
    },
    "requirements.txt": {
      spec: {
        baseImage,
        requirements: "requirements.txt",
        packages: ["idna==3.10"],
        pipSecretMounts: [["netrc", "/root/.netrc"]],
      },
      files: {
        "requirements.txt": `--extra-index-url http://${index}/simple/\n\n# ours\ncompany-metrics==1.0\ncolorama==0.4.6; sys_platform == "win32"\n`,
        netrc: netrc(surroundings),
      },
      modules: ["company_metrics", "idna", "colorama"],
    },
    apt_packages: {
      spec: { baseImage, aptPackages: ["tree"], packages: ["six==1.16.0"] },
      modules: ["six"],
    },
    env: {
      spec: {
        baseImage,
        env: { STAGE: "production", DATA: "$HOME/data", QUOTED: '"a"', URL: "https://example.com/?a=b&c#d" },
      },
      modules: [],
    },
    copy: {
      spec: { baseImage, copy: ["app", "config/settings.json"] },
      files: {
        ...application,
        "config/settings.json": "{}\n",
        "app/notes.md": "not for the image\n",
        "app/__pycache__/main.cpython-311.pyc": "stale",
        ".dockerignore": "**/*.md\n",
      },
      modules: ["app.main"],
    },
    source_root: {
      spec: { baseImage, sourceRoot: "src", sourceCopyMode: "all" },
      files: {
        ...Object.fromEntries(Object.entries(application).map(([path, file]) => [`src/${path}`, file])),
        "src/data/.keep": "",
        "src/notes.md": "not for the image\n",
        "src/app/__pycache__/main.cpython-311.pyc": "stale",
        "src/.dockerignore": "*.md\n",
      },
      modules: ["app.main", "app.current"],
    },
    commands: {
      spec: {
        baseImage,
        packages: ["six==1.16.0"],
        commands: [
          "mkdir /srv/built",
          "pwd > /srv/built/directory",
          "id -un > /srv/built/user",
          "cd /srv/built",
          "export STAGE=build",
          'echo "$STAGE" > stage',
          "python3 -c 'import six; print(six.__version__)' > version",
          "uv pip install --no-deps tabulate==0.9.0",
        ],
      },
      modules: ["six", "tabulate"],
    },
    "uv.lock": {
      spec: { baseImage, requirements: "uv.lock" },
      files: uvProject,
      modules: ["six", "colorama"],
    },
    "poetry.lock": {
      spec: { baseImage, requirements: "poetry.lock" },
      files: poetryProject,
      modules: ["six", "colorama"],
    },
    pip_extra_index_url: {
      spec: {
        baseImage,
        packages: ["company-metrics", "six==1.16.0"],
        pipExtraIndexUrl: [`http://${login.username}:${login.password}@${index}/simple/`],
        pipExtraArgs: "--only-binary :all:",
      },
      modules: ["company_metrics", "six"],
    },
    python_exec: {
      spec: {
        baseImage: base("python-venv"),
        pythonExec: "/opt/venv/bin/python",
        packages: ["six==1.16.0"],
      },
      modules: ["six", "base_tool"],
    },
    "nested base_image": {
      spec: {
        baseImage: { baseImage: base("python-nonroot"), packages: ["six==1.16.0"] },
        packages: ["tabulate==0.9.0"],
        copy: ["app"],
        entrypoint: ["python3", "-m", "app.main"],
      },
      files: application,
      modules: ["six", "tabulate", "app.main"],
    },
  };
}
