import type { ImageSpec } from "@imagespec/core";

/** What a field is for, in one line, and a value that it may have. */
export type FieldGuide = Readonly<{ about: string; example: unknown }>;

/** Every field of a spec, in the order in which people think of them. */
export const specFields: Readonly<Record<keyof ImageSpec, FieldGuide>> = {
  name: { about: "The repository's name.", example: "app" },
  registry: {
    about: "Where to push. Without it the image stays in the local engine.",
    example: "ghcr.io/org",
  },
  baseImage: {
    about: "What to start from: a reference, or another spec, which is built first.",
    example: "debian:12",
  },
  pythonVersion: { about: "The Python to have. Without it: the base's own.", example: "3.12" },
  requirements: {
    about: "requirements.txt, uv.lock, poetry.lock or pyproject.toml.",
    example: "requirements.txt",
  },
  packages: { about: "Python packages beside those of requirements.txt.", example: ["pandas>=2"] },
  installProject: {
    about: "Install the project that a lock or pyproject.toml describes, too.",
    example: true,
  },
  condaPackages: { about: "Packages from conda channels.", example: ["gdal"] },
  condaChannels: { about: "The channels, the first one first.", example: ["conda-forge"] },
  aptPackages: { about: "Packages of Debian or Ubuntu.", example: ["git"] },
  env: {
    about: "Environment variables, taken literally: $ is not expanded.",
    example: { STAGE: "production" },
  },
  extraPath: { about: "Folders of the image that go in front of PATH.", example: ["/opt/tools/bin"] },
  copy: {
    about: "Files and folders to copy, to the same path or to another.",
    example: [{ from: "config", to: "/etc/app" }],
  },
  sourceRoot: { about: "The source tree that goes into the work directory.", example: "src" },
  sourceCopyMode: { about: "How much of it: all, none, or auto: what sourceEntry imports.", example: "all" },
  sourceEntry: { about: "Where auto starts.", example: "main.py" },
  commands: {
    about: "Shell commands that are run in the build, as root, in the work directory.",
    example: ["echo built > /etc/motd"],
  },
  workDirectory: { about: "The work directory. Default: /root.", example: "/app" },
  entrypoint: { about: "What a container runs; [] clears the base's.", example: ["python3", "main.py"] },
  platform: { about: "One platform or several.", example: ["linux/amd64", "linux/arm64"] },
  cuda: { about: "The CUDA to have.", example: "12.4" },
  cudnn: { about: "The cuDNN to have.", example: "9" },
  pipIndex: {
    about: "The index that Python packages come from.",
    example: "https://pypi.example.com/simple",
  },
  pipExtraIndexUrl: { about: "Indexes beside it.", example: ["https://wheels.example.com/simple"] },
  pipExtraArgs: { about: "More arguments of the installer.", example: ["--pre"] },
  pipSecretMounts: {
    about: "Secrets of the install step: [id or file, path or variable under which it sees them].",
    example: [["netrc", "/root/.netrc"]],
  },
  pythonExec: { about: "Install into this interpreter's environment.", example: "/opt/venv/bin/python" },
  labels: {
    about: "Labels of the image.",
    example: { "org.opencontainers.image.source": "https://git.example.com/app" },
  },
  tagFormat: { about: "The tag around the hash.", example: "{hash}-dev" },
  builder: { about: "Who builds.", example: "docker" },
  builderOptions: { about: "Options of builders, by name; each checks its own.", example: { docker: {} } },
  registryConfig: { about: "A file with credentials, in docker's format.", example: "docker-config.json" },
  runtimePackages: { about: "For launchers; not in the image.", example: ["flytekit"] },
};
