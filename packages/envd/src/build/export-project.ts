import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findStep, ImageSpecError } from "@imagespec/core";
import type { BuildRequest, ProjectStep } from "@imagespec/core/builder";
import { execa } from "execa";
import { parse, type TomlTable } from "smol-toml";
import { childOptions, endWithProcess } from "../cli/end-with-process.ts";
import { findProgram } from "../cli/find-program.ts";
import { EXPORTED_REQUIREMENTS } from "../emit/packages.ts";
import type { EnvdOptions } from "../options.ts";

type Request = BuildRequest<EnvdOptions>;
/** `folder`: where the project's pyproject.toml lies. */
type Project = Readonly<{ request: Request; step: ProjectStep; folder: string }>;

function refusal(code: string, message: string, hint: string): ImageSpecError {
  return new ImageSpecError(code, message, { field: "requirements", hint });
}

async function findTool(given: string | undefined, name: string, hint: string): Promise<string> {
  const found = await findProgram(given ?? name);
  if (found !== undefined) return found;
  throw refusal("ENVD_NO_EXPORTER", `${name} is needed to read ${name}.lock, and is not there`, hint);
}

const stale =
  /needs to be updated|--locked|changed significantly|out of date|not up to date|lock ?file.*(not|must)/i;

/** What an exporter prints. It runs in the build's own copy of the project, with nothing to ask of anybody. */
async function run(binary: string, words: readonly string[], { request, folder }: Project): Promise<string> {
  const running = execa(binary, words, { ...childOptions, cwd: folder, cancelSignal: request.signal });
  endWithProcess(running);
  const { exitCode, stdout, stderr } = await running;
  request.signal.throwIfAborted();
  const said = (stderr ?? "").trim().split("\n").slice(-3).join(" ");
  // Older exporters of poetry only warn.
  if (stale.test(said)) {
    throw refusal("SPEC_STALE_LOCK", `the lock does not match its pyproject.toml: ${said}`, "lock again");
  }
  if (exitCode === 0) return stdout;
  throw refusal(
    "ENVD_EXPORT_FAILED",
    `the lock could not be exported: ${said}`,
    `${words.join(" ")}   shows it`,
  );
}

const uvWords = [
  ...["export", "--locked", "--no-dev", "--no-emit-project", "--format", "requirements-txt"],
  ...["--no-header", "--no-annotate", "--no-progress", "--no-config", "--color", "never"],
];

async function exportUv(project: Project): Promise<string> {
  const hint = "pip install uv   or: curl -LsSf https://astral.sh/uv/install.sh | sh";
  const uv = await findTool(project.request.options.uv, "uv", hint);
  const { index, extraIndexes } = project.step.index;
  const indexes = [
    ...(index === undefined ? [] : ["--default-index", index]),
    ...extraIndexes.flatMap((url) => ["--index", url]),
  ];
  return run(uv, [...uvWords, ...indexes], project);
}

async function exportPoetry(project: Project): Promise<string> {
  const hint = "pipx install poetry && pipx inject poetry poetry-plugin-export";
  const poetry = await findTool(project.request.options.poetry, "poetry", hint);
  const words = ["export", "--only", "main", "--format", "requirements.txt", "--no-interaction", "--no-ansi"];
  return run(poetry, words, project);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

async function exportPyproject({ folder }: Project): Promise<string> {
  const document: TomlTable = parse(await readFile(join(folder, "pyproject.toml"), "utf8"));
  const project = (document.project ?? {}) as TomlTable;
  const isDynamic = texts(project.dynamic).includes("dependencies");
  if (document.project === undefined || isDynamic) {
    const message = "its dependencies are not written in [project]";
    throw refusal(
      "ENVD_DYNAMIC_PROJECT",
      message,
      "name them in [project] dependencies, or give a lock file",
    );
  }
  return texts(project.dependencies).join("\n");
}

const exporters = { uv: exportUv, poetry: exportPoetry, pyproject: exportPyproject } as const;

/** pip compares no folder with a hash, so packages of this machine cannot stand beside those of a lock. */
function refuseLocal(exported: string): void {
  const local = exported.split("\n").find((line) => /^(-e\s|\.{1,2}(\/|\s|$)|\/|file:)|@\s*file:/.test(line));
  if (local === undefined) return;
  throw refusal(
    "ENVD_LOCAL_DEPENDENCY",
    `the lock names a package of this machine: ${local.trim()}`,
    "use the docker builder, or publish the package to an index",
  );
}

/**
 * Turns what a lock or pyproject.toml describes into the requirements file that `build.envd` names.
 *
 * @throws ImageSpecError `SPEC_STALE_LOCK`, `ENVD_NO_EXPORTER`, `ENVD_EXPORT_FAILED`, `ENVD_LOCAL_DEPENDENCY`,
 *   `ENVD_DYNAMIC_PROJECT`
 */
export async function exportProject(request: Request, folder: string): Promise<void> {
  const step = findStep(request.plan, "project");
  if (step === undefined) return;
  const place = join(folder, step.project.context, step.root);
  const exported = await exporters[step.tool]({ request, step, folder: place });
  refuseLocal(exported);
  await writeFile(join(folder, EXPORTED_REQUIREMENTS), `${exported.trim()}\n`, { flag: "wx" });
}
