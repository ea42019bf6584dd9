import { posix } from "node:path";
import { findStep, ImageSpecError } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import { execa } from "execa";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EmittedEnvdConfig, emitEnvdConfig } from "../src/index.ts";
import type { ExecStep, Graph } from "./support/compile-graph.ts";
import { condaSteps, hostilePlans } from "./support/hostile-plans.ts";
import { prepareCompiler } from "./support/suite.ts";

const suite = prepareCompiler();
const tally = { faithful: 0, refused: 0 };

function emitOrRefuse(plan: BuildPlan): EmittedEnvdConfig | undefined {
  try {
    return emitEnvdConfig(plan);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    expect(error.code).toMatch(/^ENVD_/);
    expect(error.details.hint).toBeTruthy();
    return undefined;
  }
}

type Words = Pick<ExecStep, "args" | "cwd">;
const folderOfEnvd = expect.stringMatching(/^\/home\/envd\/context-/) as unknown as string;

function aptStep(plan: BuildPlan): Words[] {
  const { packages = [] } = findStep(plan, "apt") ?? {};
  if (packages.length === 0) return [];
  const line = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  return [{ args: ["bash", "-c", line], cwd: "/" }];
}

function pipSteps(plan: BuildPlan): Words[] {
  const { packages = [], index } = findStep(plan, "requirements") ?? {};
  if (packages.length === 0 || !index) return [];
  const words = [
    ...(index.index === undefined ? [] : ["--index-url", index.index]),
    ...index.extraIndexes.flatMap((url) => ["--extra-index-url", url]),
    ...index.extraArguments,
    ...packages,
  ];
  return [
    { args: ["mkdir", "-p", "/root/.cache/pip"], cwd: "/" },
    { args: ["python", "-m", "pip", "install", ...words], cwd: "/" },
  ];
}

/** Stand-ins for what a script calls; each shows its words, and the last one PATH too. */
const recorders = `
mkdir() { printf '%s\\0' mkdir "$@"; }
cd() { printf '%s\\0' cd "$@"; }
exec() { printf '%s\\0' "$PATH" exec "$@"; }
PATH=/system
`;

/** What envd's own shell would call, as a real one reads its script. */
async function shellSteps(graph: Graph): Promise<object[]> {
  const scripts = graph.execs.filter(({ args }) => args[0] === "bash" && args[2]?.startsWith("set -euo"));
  return Promise.all(
    scripts.map(async ({ args, cwd }) => {
      const { stdout } = await execa("bash", ["-s"], {
        input: recorders + args[2],
        stripFinalNewline: false,
      });
      return { words: stdout.split("\0").slice(0, -1), cwd };
    }),
  );
}

function expectedShell(plan: BuildPlan): object[] {
  const commands = findStep(plan, "commands");
  if (!commands) return [];
  const { extraPath = [] } = findStep(plan, "environment") ?? {};
  const { workDirectory } = plan;
  const path = [...extraPath, "/system"].join(":");
  const words = [
    "mkdir",
    "-p",
    workDirectory,
    "cd",
    workDirectory,
    path,
    "exec",
    "/bin/sh",
    "-e",
    "-c",
    "--",
  ];
  return [{ words: [...words, commands.commands.join("\n")], cwd: folderOfEnvd }];
}

function expectedEnvironment(plan: BuildPlan): Record<string, string> {
  const { variables = {}, extraPath: _ } = findStep(plan, "environment") ?? {};
  return {
    PYTHONPATH: plan.workDirectory,
    IMAGESPEC_ID: plan.id,
    ...variables,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    DEBIAN_FRONTEND: variables.DEBIAN_FRONTEND ?? "noninteractive",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
}

function expectedCopies(plan: BuildPlan): object[] {
  const { trees = [] } = findStep(plan, "files") ?? {};
  return trees.map(({ target, context, files }) => {
    const isRoot = target === "/" || posix.basename(context) !== posix.basename(target);
    const source = isRoot ? `/${context}/${files[0]!.path}` : `/${context}`;
    return { source: posix.normalize(source), target: isRoot ? target : posix.dirname(target), uid: 0 };
  });
}

const withoutSlash = (path: string): string => (path === "/" ? path : path.replace(/\/$/, ""));

async function checkPlan(plan: BuildPlan): Promise<void> {
  const emitted = emitOrRefuse(plan);
  tally[emitted ? "faithful" : "refused"] += 1;
  if (!emitted) return;
  const graph = await suite.compiler.compile(emitted.text, emitted.files);
  const isShell = ({ args }: ExecStep): boolean => args[2]?.startsWith("set -euo") === true;
  const installs = graph.execs.filter((step) => !isShell(step)).map(({ args, cwd }) => ({ args, cwd }));
  expect(installs).toEqual([...aptStep(plan), ...pipSteps(plan)]);
  expect(await shellSteps(graph)).toEqual(expectedShell(plan));
  for (const { env } of graph.execs) expect(env).toEqual(expectedEnvironment(plan));
  const copies = graph.copies.map((copy) => ({ ...copy, target: withoutSlash(copy.target) }));
  expect(copies).toEqual(expectedCopies(plan));
}

describe("every field holds any text", () => {
  const runs = 2000;
  const lanes = 4;

  test("each step gets what the plan says, word by word, or the plan is refused", {
    timeout: 300_000,
  }, async () => {
    const plans = hostilePlans(`${suite.registry.host}/base:1`);
    const lane = (seed: number): Promise<void> =>
      fc.assert(fc.asyncProperty(plans, checkPlan), { numRuns: runs / lanes, seed });
    const seed = Math.floor(Math.random() * 1e9);
    await Promise.all(Array.from({ length: lanes }, (_, position) => lane(seed + position)));
    expect(tally.faithful).toBeGreaterThan(runs / 10);
    expect(tally.refused).toBeGreaterThan(runs / 10);
  });

  test("conda gets its words one by one too, or the plan is refused", { timeout: 300_000 }, async () => {
    const plans = hostilePlans(`${suite.registry.host}/base:1`, condaSteps);
    const check = async (plan: BuildPlan): Promise<void> => {
      const emitted = emitOrRefuse(plan);
      if (!emitted) return;
      const { execs } = await suite.compiler.compile(emitted.text, emitted.files);
      const { packages = [], channels = [] } = findStep(plan, "conda") ?? {};
      const words = [...channels.flatMap((channel) => ["-c", channel]), ...packages];
      const start = ["/opt/conda/bin/micromamba", "install", "-n", "envd"];
      expect(execs.map(({ args }) => args)).toContainEqual([...start, ...words]);
    };
    await fc.assert(fc.asyncProperty(plans, check), { numRuns: 200 });
  });
});
