import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Files, folderWith } from "./support/engine.ts";
import { runIn } from "./support/look-into.ts";
import { ensurePoetry } from "./support/programs.ts";
import { prepareSuite } from "./support/suite.ts";

const { dockerHost, base, programs } = prepareSuite();
let tools: string;
let poetry: string;
/** Where pip of this machine looks for packages. */
let index: string;

beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), "imagespec-tools-"));
  poetry = await ensurePoetry(tools);
  const ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
  const { stdout } = await execa("python3", ["-c", ask]);
  index = stdout.trim();
});

afterAll(() => rm(tools, { recursive: true }));

const project = `[project]
name = "app"
version = "1"
requires-python = ">=3.11,<4"
dependencies = ["idna==3.6", "colorama ; sys_platform == 'win32'"]
[dependency-groups]
dev = ["toolz"]
`;

const poetryProject = `${project.replace(/\[dependency-groups\]\n.*\n/, "")}
[tool.poetry]
package-mode = false
[tool.poetry.group.dev.dependencies]
toolz = "*"
[[tool.poetry.source]]
name = "index"
url = "INDEX/"
priority = "primary"
`;

/** pyproject.toml and the lock that a tool writes for it. */
async function lockedFiles(lock: string, text: string, command: readonly string[]): Promise<Files> {
  const folder = await folderWith({ "pyproject.toml": text });
  const [program = "", ...words] = command;
  try {
    await execa(program, words, { cwd: folder });
    return { "pyproject.toml": text, [lock]: await readFile(join(folder, lock), "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function buildLocked(requirements: string, files: Files, builder = "envd") {
  const spec: ImageSpec = { name: `locked-by-${builder}`, baseImage: base, requirements, builder };
  return build(spec, { files, options: { binary: programs.envd, uv: programs.uv, poetry } });
}

function freeze(reference: string): Promise<string> {
  return runIn(connectEngine(dockerHost), reference, ["python", "-m", "pip", "freeze", "--all"]);
}

/** Names and versions of what the project brought into an image. */
async function installed(reference: string): Promise<readonly string[]> {
  const lines = (await freeze(reference)).split("\n");
  return lines.filter((line) => /^(idna|toolz|colorama|six|app)\b/.test(line));
}

async function expectLocked(lock: string, text: string, command: readonly string[]): Promise<void> {
  const files = await lockedFiles(lock, text, command);
  const { outcome } = await buildLocked(lock, files);
  expect(outcome.error).toBeUndefined();
  expect(await installed(outcome.reference)).toEqual(["idna==3.6"]);
  const { outcome: byDocker } = await buildLocked(lock, files, "docker");
  expect(byDocker.error).toBeUndefined();
  expect(await freeze(outcome.reference)).toBe(await freeze(byDocker.reference));
  const changed = { ...files, "pyproject.toml": text.replace("idna==3.6", "idna==3.7") };
  expect((await buildLocked(lock, changed)).outcome.error?.code).toBe("SPEC_STALE_LOCK");
}

test("uv.lock: the packages that docker's image has, none of developers' groups; refused where it is stale", async () => {
  await expectLocked("uv.lock", project, [programs.uv, "lock", "--quiet"]);
});

test("poetry.lock: likewise", async () => {
  await expectLocked("poetry.lock", poetryProject.replace("INDEX", index), [poetry, "lock", "--quiet"]);
});

test("what pyproject.toml depends on is installed, and only that", async () => {
  const { outcome } = await buildLocked("pyproject.toml", { "pyproject.toml": project });
  expect(outcome.error).toBeUndefined();
  expect(await installed(outcome.reference)).toEqual(["idna==3.6"]);
});

test("what only a build backend could tell is refused", async () => {
  const dynamic = '[project]\nname = "app"\nversion = "1"\ndynamic = ["dependencies"]\n';
  const { outcome } = await buildLocked("pyproject.toml", { "pyproject.toml": dynamic });
  expect(outcome.error?.code).toBe("ENVD_DYNAMIC_PROJECT");
});

test("a lock that names a package of this machine is refused", async () => {
  const text = project.replace(/dependencies = .*/, 'dependencies = ["member"]');
  const files: Files = {
    "pyproject.toml": `${text}[tool.uv.workspace]\nmembers = ["member"]\n[tool.uv.sources]\nmember = { workspace = true }\n`,
    "member/pyproject.toml": '[project]\nname = "member"\nversion = "1"\nrequires-python = ">=3.11"\n',
  };
  const folder = await folderWith(files);
  await execa(programs.uv, ["lock", "--quiet"], { cwd: folder });
  const lock = await readFile(join(folder, "uv.lock"), "utf8");
  await rm(folder, { recursive: true });
  const { outcome } = await buildLocked("uv.lock", { ...files, "uv.lock": lock });
  expect(outcome.error?.code).toBe("ENVD_LOCAL_DEPENDENCY");
});

test("a missing exporter is named", async () => {
  const files = await lockedFiles("uv.lock", project, [programs.uv, "lock", "--quiet"]);
  const spec: ImageSpec = { name: "locked", baseImage: base, requirements: "uv.lock" };
  const options = { binary: programs.envd, uv: "/nowhere/uv" };
  const { outcome } = await build(spec, { files, options, force: true });
  expect(outcome.error).toMatchObject({ code: "ENVD_NO_EXPORTER", details: { field: "requirements" } });
});
