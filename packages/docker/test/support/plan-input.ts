import type { BuildPlan, ImageConfig, KnownStep, PlanInput, PlannedTree } from "@imagespec/core";
import { type EmittedDockerfile, emitDockerfile } from "../../src/dockerfile/emit-dockerfile.ts";
import type { DockerOptions } from "../../src/options.ts";

export type PlanParts = Partial<BuildPlan> &
  Readonly<{ options?: DockerOptions; base?: BuildPlan["base"]; config?: Partial<ImageConfig> }>;

const noIndex = { extraIndexes: [], extraArguments: [] };

export function planInput(
  steps: readonly KnownStep[],
  { options = {}, config, ...parts }: PlanParts = {},
): PlanInput<DockerOptions> {
  const plan: BuildPlan = {
    recipe: 1,
    destination: { name: "app" },
    base: { kind: "reference", reference: "docker.io/library/python:3.12-slim-bookworm" },
    platforms: ["linux/amd64"],
    workDirectory: "/root",
    steps,
    builderOptions: {},
    id: "abcdefghijklmnopqrstuvwxyz",
    ...parts,
  };
  const bases = new Map(config ? [[plan.base.reference, { env: {}, labels: {}, ...config }]] : []);
  return { plan, options, bases };
}

export function emit(steps: readonly KnownStep[], parts?: PlanParts): EmittedDockerfile {
  return emitDockerfile(planInput(steps, parts));
}

/** Without what every image has, so that a test shows what it is about. */
export function linesOf({ text }: EmittedDockerfile, keyword: RegExp): string[] {
  return text
    .replaceAll("\\\n    ", "")
    .split("\n")
    .filter((line) => keyword.test(line));
}

function tree(target: string, context: string): PlannedTree {
  return {
    target,
    context,
    files: [{ type: "file", path: "main.py", mode: 0o644, size: 1, sha256: "0".repeat(64) }],
  };
}

export function requirementsStep(
  packages: readonly string[],
  parts: Partial<Extract<KnownStep, { kind: "requirements" }>> = {},
): KnownStep {
  return { kind: "requirements", files: [], packages, local: [], index: noIndex, secrets: [], ...parts };
}

export function projectStep(tool: "uv" | "poetry" | "pyproject", installProject = false): KnownStep {
  return {
    kind: "project",
    tool,
    project: { target: "/project", context: "project", files: [] },
    root: "services/api",
    documents: {},
    installProject,
    index: noIndex,
    secrets: [],
  };
}

export function environmentStep(
  variables: Readonly<Record<string, string>>,
  extraPath: readonly string[] = [],
): KnownStep {
  return { kind: "environment", variables, extraPath };
}

/** A step of nearly every kind. */
export const everything: readonly KnownStep[] = [
  { kind: "apt", packages: ["git", "libpq-dev"] },
  { kind: "python", version: "3.12" },
  {
    kind: "environment",
    variables: { GREETING: 'say "$HOME"', MOTD: "one\ntwo" },
    extraPath: ["/opt/tool/bin"],
  },
  requirementsStep(["pandas>=2"], {
    files: [
      { context: "requirements/0.txt", lines: ["-c 1.txt", "requests"] },
      { context: "requirements/1.txt", lines: ["urllib3<3"] },
    ],
    local: [{ target: "/requirements/local/0", context: "requirements/local/0", files: [] }],
    index: {
      index: "https://index.example/simple",
      extraIndexes: ["https://more.example/simple"],
      extraArguments: ["--no-binary", "pandas"],
    },
    secrets: [
      { id: "imagespec-netrc", target: "", kind: "netrc" },
      { id: "token", target: "INDEX_TOKEN", kind: "variable" },
    ],
  }),
  { kind: "files", origin: "source", trees: [tree("/root", "source")] },
  { kind: "files", origin: "copy", trees: [tree("/srv/data", "copy/0")] },
  { kind: "commands", commands: ["cd /srv", "python -m compileall data"] },
  { kind: "entrypoint", arguments: ["python", "-m", "app"] },
  { kind: "labels", labels: { "org.example.team": "a \\ b" } },
];
