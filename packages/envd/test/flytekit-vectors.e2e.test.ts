import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { type ImageSpec, ImageSpecError, parseImageSpec, resolvePlan } from "@imagespec/core";
import type { BuildPlan, FilesStep } from "@imagespec/core/builder";
import { split } from "shlex";
import { afterAll, describe, expect, test } from "vitest";
import { emitEnvdConfig } from "../src/index.ts";
import type { Graph } from "./support/compile-graph.ts";
import { prepareCompiler } from "./support/suite.ts";

type CaseFile = string | Readonly<{ text?: string; mode?: string; symlink?: string }>;
type Case = Readonly<{
  id: string;
  spec: Readonly<Record<string, unknown>>;
  files?: Readonly<Record<string, CaseFile>>;
  config?: string;
  broken?: string;
  error?: Readonly<{ message: string }>;
}>;

/**
 * What becomes of the specs for which flytekit's text is wrong, or for which it fails or leaves something out without
 * a word: `right`, or the code of ours that refuses.
 */
const ours: Readonly<Record<string, string>> = {
  "two-platforms-with-space": "SPEC_UNSUPPORTED_FIELD",
  "commands-with-newline": "right",
  "commands-ending-in-backslash": "right",
  "commands-that-inject-a-rule": "right",
  "cuda-without-cudnn-and-own-base": "ENVD_CUDA_BASE",
  "cuda-without-python": "ENVD_CUDA_BASE",
  "python-exec": "SPEC_UNSUPPORTED_FIELD",
  "pip-extra-index": "right",
  "pip-secret-and-args-not-carried": "SPEC_UNSUPPORTED_FIELD",
  "requirements-uv-lock": "right",
  "env-nbsp": "right",
  "env-c1-control": "right",
  "source-root-all-with-requirements": "right",
  "source-root-default-mode": "right",
  "source-root-has-its-own-build-envd": "right",
  "copy-absolute": "SPEC_PATH_OUTSIDE",
  "copy-dotdot": "right",
  "copy-missing": "SPEC_FILE_NOT_FOUND",
  "copy-name-with-quote-and-space": "right",
};

const vectors = JSON.parse(
  await readFile(new URL("../testdata/flytekit-envd.json", import.meta.url), "utf8"),
) as { cases: readonly Case[] };
const folders: string[] = [];
const suite = prepareCompiler();

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

async function materialise({ files = {} }: Case): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-vector-"));
  folders.push(folder);
  for (const [path, file] of Object.entries(files)) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    if (typeof file === "string") await writeFile(place, file);
    else if (file.symlink !== undefined) await symlink(file.symlink, place);
    else await writeFile(place, file.text ?? "", { mode: Number.parseInt(file.mode ?? "0644", 8) });
  }
  return folder;
}

/** The default base of flytekit is another one than ours. */
const defaultBase = "cr.flyte.org/flyteorg/flytekit:py3.11-1.16.31";

async function planOf(one: Case): Promise<BuildPlan> {
  const cwd = await materialise(one);
  // What these mean to flytekit alone, ours has in other places.
  const { builderOptions: _o, builderConfig: _c, ...spec } = one.spec;
  const text = JSON.stringify({ baseImage: defaultBase, ...spec }).replaceAll("$DIR", cwd);
  return resolvePlan(parseImageSpec(JSON.parse(text) as ImageSpec), { cwd, hostPlatform: "linux/amd64" });
}

/** All images are looked for in the fake registry, and compared by the rest of their names. */
function onFakeRegistry(text: string): string {
  return text.replace(
    /base\(image="(?:docker\.io\/)?(?:cr\.flyte\.org\/|ghcr\.io\/)?([^"]+)"/,
    `base(image="${suite.registry.host}/$1"`,
  );
}

const helpers = ["mkdir -p /root/.cache/pip"];

/** What pip is told, in words that do not depend on where an index is written. */
function pipWords(graph: Graph): readonly string[] {
  const calls = graph.execs.filter(({ args }) => args.slice(0, 4).join(" ") === "python -m pip install");
  const config = graph.files["/etc/pip.conf"] ?? "";
  const index = /^index-url=(\S+)/m.exec(config)?.[1];
  const written = index === undefined || index === "$DEFAULT_INDEX" ? [] : ["--index-url", index];
  return [...written, ...calls.flatMap(({ args }) => args.slice(4))];
}

/** The commands inside of what envd's shell is told. */
function commandsOf(graph: Graph): string {
  const scripts = graph.execs.flatMap(({ args }) =>
    args[0] === "bash" && args[2]?.startsWith("set -euo pipefail\n") ? [args[2].slice(18)] : [],
  );
  const script = scripts.join("\n");
  const words = script.startsWith("set +u +o pipefail\n") ? split(script) : [];
  const shell = words.indexOf("/bin/sh");
  return (shell < 0 ? script : words[shell + 4]!).trim();
}

function environmentOf(graph: Graph): Readonly<Record<string, string>> {
  const { PYTHONPATH: _p, _F_IMG_ID: _f, IMAGESPEC_ID: _i, ...env } = graph.execs[0]?.env ?? {};
  // flytekit puts its work directory onto PATH too.
  return { ...env, PATH: (env.PATH ?? "").replace(":/root", "") };
}

function summary(graph: Graph) {
  const others = graph.execs.filter(
    ({ args }) =>
      args[0] !== "python" && !args[2]?.startsWith("set -euo") && !helpers.includes(args.join(" ")),
  );
  return {
    images: graph.images.map((image) => image.replace(/\/library\//, "/")),
    pip: pipWords(graph),
    commands: commandsOf(graph),
    env: environmentOf(graph),
    others: others.map(({ args }) => args),
  };
}

/** A step that shows the environment where a text has none to show it. */
const probe = '    run(commands=["true"])\n';

async function compileBoth(one: Case, plan: BuildPlan): Promise<readonly [Graph, Graph]> {
  const { text, files } = emitEnvdConfig(plan);
  const requirements = Object.values(one.files ?? {}).find((file) => typeof file === "string") as string;
  const theirFiles = [{ path: "requirements.txt", content: requirements ?? "" }];
  return Promise.all([
    suite.compiler.compile(onFakeRegistry(text) + (text.includes("run(") ? "" : probe), files),
    suite.compiler.compile(onFakeRegistry(one.config!) + probe, theirFiles),
  ]);
}

/** Every file that the plan puts into the image. */
function plannedPaths(plan: BuildPlan): string[] {
  const steps = plan.steps.filter((step): step is FilesStep => step.kind === "files");
  const trees = steps.flatMap(({ trees }) => trees);
  return trees
    .flatMap(({ target, files }) =>
      files.flatMap(({ path, type }) => (type === "directory" ? [] : [posix.join(target, path)])),
    )
    .sort();
}

/** Requirements of one file, as flytekit has envd read them, stand in files of ours. */
function readRequirements(words: readonly string[], text: string): readonly string[] {
  const isFile = words.join(" ") === "-r requirements.txt";
  return isFile ? text.split("\n").filter((line) => line !== "") : words;
}

describe("flytekit's texts", () => {
  const good = vectors.cases.filter(({ id }) => !Object.hasOwn(ours, id));
  test.each(good.map((one) => [one.id, one] as const))(
    "%s: ours asks envd for the same",
    async (_id, one) => {
      expect(one.broken).toBeUndefined();
      expect(one.error).toBeUndefined();
      const plan = await planOf(one);
      const [mine, theirs] = (await compileBoth(one, plan)).map(summary);
      const requirements = Object.values(one.files ?? {}).join("");
      const { commands: _, ...rest } = mine!;
      const { commands: __, ...expected } = theirs!;
      expect({ ...rest, pip: readRequirements(rest.pip, requirements), commands: mine!.commands }).toEqual({
        ...expected,
        images: plan.base.kind === "image" ? rest.images : expected.images,
        commands: theirs!.commands,
      });
      expect(plannedPaths(plan)).toEqual(
        Object.keys(one.spec.copy ? (one.files ?? {}) : {})
          .map((path) => `/root/${path}`)
          .sort(),
      );
    },
  );

  test("the table names what is broken, fails or leaves something out, and nothing else", () => {
    const named = vectors.cases.filter(({ broken, error }) => broken !== undefined || error !== undefined);
    const silent = ["pip-extra-index", "pip-secret-and-args-not-carried"];
    expect(Object.keys(ours).sort()).toEqual([...named.map(({ id }) => id), ...silent].sort());
  });

  const wrong = vectors.cases.filter(({ id }) => Object.hasOwn(ours, id));
  test.each(wrong.map((one) => [one.id, one] as const))("%s: ours is right or refuses", async (id, one) => {
    if (ours[id] !== "right") {
      const attempt = planOf(one).then((plan) => emitEnvdConfig(plan));
      const error = await attempt.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(ImageSpecError.isInstance(error) && error.code).toBe(ours[id]);
      return;
    }
    const plan = await planOf(one);
    const { text, files, context } = emitEnvdConfig(plan);
    const graph = await suite.compiler.compile(
      onFakeRegistry(text) + (text.includes("run(") ? "" : probe),
      files,
    );
    const commands = one.spec.commands as readonly string[] | undefined;
    if (commands) expect(commandsOf(graph)).toBe(commands.join("\n").trim());
    expect(environmentOf(graph)).toMatchObject((one.spec.env as Record<string, string> | undefined) ?? {});
    const index = one.spec.pipExtraIndexUrl as readonly string[] | undefined;
    if (index) expect(pipWords(graph)).toEqual(["--extra-index-url", ...index, "a"]);
    for (const { source } of graph.copies) expect(context).toContain(source.slice(1));
    expect(graph.copies.map(({ source }) => source)).not.toContain("/");
  });
});
