import path from "node:path";
import type {
  ImageSpec,
  Layer,
  PipOptions,
} from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";

const quote = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
const run = (script: string): string => `RUN ${JSON.stringify(["/bin/sh", "-e", "-c", script])}`;

function pipOptions(options: PipOptions | undefined): string {
  if (!options) return "";
  const { indexUrl, extraIndexUrls, pre, extraArgs } = options;
  return [
    ...(indexUrl ? ["--index-url", quote(indexUrl)] : []),
    ...extraIndexUrls.flatMap((url) => ["--extra-index-url", quote(url)]),
    ...(pre ? ["--pre"] : []),
    extraArgs,
  ].join(" ");
}

const pip = "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir";
/** Files name others by paths relative to themselves, so a tool is given the whole context. */
const inContext = (folder: string, script: string): string[] => [
  copy(".", "/tmp/context/"),
  run(`cd ${quote(path.posix.join("/tmp/context", folder))}\n${script}\nrm -rf /tmp/context /tmp/tool`),
];
/** Tools lie in an environment of their own, which the image does not keep. */
const withTool = (tool: string, script: string): string =>
  `python3 -m venv /tmp/tool && /tmp/tool/bin/pip install -q ${tool}\nprefix=$(python3 -c 'import sys; print(sys.prefix)')\n${script}`;
const copy = (from: string, to: string): string => `COPY ${JSON.stringify([`context/${from}`, to])}`;

function environment(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`the variable ${name} has several lines`);
    return `ENV ${name}="${value.replaceAll(/[\\"$]/g, "\\$&")}"`;
  });
}

function projectLines(layer: Extract<Layer["layer"], { case: "uvProject" | "poetryProject" }>): string[] {
  if (layer.case === "uvProject") {
    const { pyproject, uvlock, options } = layer.value;
    const sync = `UV_PROJECT_ENVIRONMENT=$prefix /tmp/tool/bin/uv sync --inexact --no-dev ${uvlock ? "--frozen" : ""} ${pipOptions(options)}`;
    return inContext(pyproject, withTool("uv", sync));
  }
  const { pyproject, extraArgs } = layer.value;
  const folder = pyproject.endsWith(".toml") ? path.posix.dirname(pyproject) : pyproject;
  const install = `VIRTUAL_ENV=$prefix /tmp/tool/bin/poetry install --only main --no-interaction ${extraArgs}`;
  return inContext(folder, withTool("poetry", install));
}

function layerLines({ layer }: Layer, isFolder: (path: string) => boolean): string[] {
  switch (layer.case) {
    case "aptPackages":
      return [
        run(
          `apt-get -q update && apt-get -q install -y --no-install-recommends ${layer.value.packages.map(quote).join(" ")}`,
        ),
      ];
    case "pipPackages":
      return [run(`${pip} ${pipOptions(layer.value.options)} ${layer.value.packages.map(quote).join(" ")}`)];
    case "requirements": {
      const { dir, base } = path.posix.parse(layer.value.file);
      return inContext(dir, `${pip} ${pipOptions(layer.value.options)} -r ${quote(base)}`);
    }
    case "uvProject":
    case "poetryProject":
      return projectLines(layer);
    case "copyConfig": {
      const { src, dst } = layer.value;
      return [copy(isFolder(src) ? `${src}/.` : src, isFolder(src) ? `${dst.replace(/\/$/, "")}/` : dst)];
    }
    case "commands":
      return [run(layer.value.cmd.join("\n"))];
    case "workdir":
      return [`WORKDIR ${JSON.stringify([layer.value.workdir]).slice(2, -2)}`];
    case "env":
      return environment(layer.value.envVariables);
    default:
      throw new Error(`a layer of another kind: ${layer.case}`);
  }
}

/** The places in the context that a message names. */
export function contextPaths({ layers }: ImageSpec): string[] {
  return layers.flatMap(({ layer }) => {
    switch (layer.case) {
      case "requirements":
        return [layer.value.file];
      case "copyConfig":
        return [layer.value.src];
      case "uvProject":
        return [layer.value.pyproject, ...(layer.value.uvlock ? [layer.value.uvlock] : [])];
      case "poetryProject":
        return [layer.value.pyproject, layer.value.poetryLock];
      default:
        return [];
    }
  });
}

/** A Dockerfile that does what a message says; the context lies below `context/`. */
export function writeDockerfile(message: ImageSpec, isFolder: (path: string) => boolean): string {
  const lines = message.layers.flatMap((layer) => layerLines(layer, isFolder));
  return [`FROM ${message.baseImage}`, "USER root", ...lines, ""].join("\n");
}
