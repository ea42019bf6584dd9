import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BuildEvent,
  BuilderRegistry,
  type BuildOptions,
  type BuildPlan,
  type BuildResult,
  createEngine,
  type ImageOutcome,
  type ImageSpec,
} from "@imagespec/core";
import type { TestServices } from "@imagespec/test-services";
import { execa } from "execa";
import { inject } from "vitest";
import { runBuild } from "../../src/engine/run-build.ts";
import { type DockerOptions, docker } from "../../src/index.ts";
import { anyPlan, buildRequest } from "./build-request.ts";
import { fileEntry, handwritten } from "./handwritten.ts";
import { inspectWith } from "./registry-inspect.ts";

const services = inject("services");
export const registry: string = services.registry;
export const baseImages: TestServices["baseImages"] = services.baseImages;
export const base: string = baseImages["python-nopip"];
export const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: base } };

export type Started = Readonly<{
  result: Promise<BuildResult>;
  events: readonly BuildEvent[];
  reference: string;
}>;

export type Outcomes = Readonly<{ outcomes: readonly ImageOutcome[]; events: readonly BuildEvent[] }>;

export type Parts = Parameters<typeof buildRequest>[0];

/** RUN of a script, as it is. */
export function run(script: string, mounts = ""): string {
  return `RUN ${mounts}${JSON.stringify(["/bin/sh", "-e", "-c", "--", script])}`;
}

/** Builds `FROM base` and these lines. */
export function build(lines: readonly string[], parts: Parts = {}, secrets: readonly string[] = []): Started {
  const reference = `imagespec-test/${randomUUID()}:1`;
  const { request, events } = buildRequest({ plan, reference, ...parts });
  return {
    result: runBuild(request, handwritten([`FROM ${base}`, ...lines], { secrets })),
    events,
    reference: request.reference,
  };
}

/** Builds these lines with options, on a context of two files, pushes what comes of it and returns its name. */
export async function push(
  lines: readonly string[],
  options: DockerOptions,
  parts: Parts = {},
): Promise<string> {
  const context = [fileEntry("file", "content"), fileEntry("other", "more", 0o755)];
  const services = { inspect: inspectWith() };
  const pushed = { destination: "registry", reference: newReference(), options, context, services } as const;
  return (await build(lines, { ...pushed, ...parts }).result).reference;
}

/** Builds a spec as a user does, through core's engine. */
export async function buildSpecs(
  cwd: string,
  specs: readonly ImageSpec[],
  options: BuildOptions = {},
): Promise<Outcomes> {
  const events: BuildEvent[] = [];
  const builders = new BuilderRegistry().register(docker());
  const onEvent = (event: BuildEvent) => events.push(event);
  const outcomes = await createEngine({ builders, cwd }).build(specs, { onEvent, ...options });
  const errors = outcomes.map(({ error }) => error).filter((error) => error !== undefined);
  const cause = errors.find(({ code }) => code !== "ABORTED") ?? errors[0];
  if (cause !== undefined) throw cause;
  return { outcomes, events };
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** How often a text stands in the files of a folder. */
export async function countIn(folder: string, text: string): Promise<number> {
  const { stdout } = await execa("grep", ["-rlaF", "--devices=skip", text, folder], { reject: false });
  return stdout.split("\n").filter(Boolean).length;
}

export function newReference(): string {
  return `${registry}/pushed/${randomUUID()}:v1`;
}

export function linesOf(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));
}
