import type { BuildPlan, FilesStep, KnownStep } from "@imagespec/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hostilePlan, hostileText } from "../../test/support/hostile-plans.ts";
import {
  type ReadInstruction,
  readAssignment,
  readCopy,
  readDockerfile,
  readWord,
  readWords,
} from "../../test/support/read-dockerfile.ts";
import { type EmittedDockerfile, emitDockerfile } from "./emit-dockerfile.ts";

const RUNS = 700;

function emit(plan: BuildPlan): EmittedDockerfile {
  return emitDockerfile({ plan, options: {}, bases: new Map() });
}

/** The same plan with a harmless text in every place. */
function tame<T>(value: T): T {
  if (typeof value === "string") return "a" as T;
  if (Array.isArray(value)) return value.map(tame) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tame(item)])) as T;
}

const kept = new Set(["kind", "context", "type", "origin"]);

function tamePlan(plan: BuildPlan): BuildPlan {
  const steps = plan.steps.map((step) =>
    Object.fromEntries(
      Object.entries(step).map(([name, item]) => [name, kept.has(name) ? item : tame(item)]),
    ),
  );
  const trees = (step: { trees?: FilesStep["trees"] }, original: KnownStep): object =>
    step.trees
      ? {
          trees: step.trees.map((one, index) => ({
            ...one,
            target: "/a",
            files: (original as FilesStep).trees[index]!.files,
          })),
        }
      : {};
  return {
    ...plan,
    destination: { name: "a" },
    workDirectory: "/a",
    id: "a",
    steps: steps.map((step, index) => ({
      ...step,
      ...trees(step, plan.steps[index] as KnownStep),
    })) as unknown as KnownStep[],
  };
}

function keywords(text: string): string[] {
  return readDockerfile(text)
    .map(({ keyword }) => keyword)
    .filter((keyword) => keyword !== "ARG");
}

function ofKind<K extends KnownStep["kind"]>(
  plan: BuildPlan,
  kind: K,
): Extract<KnownStep, { kind: K }> | undefined {
  return plan.steps.find((step) => step.kind === kind) as Extract<KnownStep, { kind: K }> | undefined;
}

function inPlan(
  check: (plan: BuildPlan, emitted: EmittedDockerfile, read: readonly ReadInstruction[]) => void,
): void {
  fc.assert(
    fc.property(hostilePlan, (plan) => {
      const emitted = emit(plan);
      check(plan, emitted, readDockerfile(emitted.text));
    }),
    { numRuns: RUNS },
  );
}

function scripts(read: readonly ReadInstruction[], name: string): string[][] {
  return read
    .filter(({ keyword }) => keyword === "RUN")
    .map(readWords)
    .filter(([, , script]) => script === name);
}

test("no value makes another instruction", () => {
  inPlan((plan, { text }) => {
    expect(keywords(text)).toEqual(keywords(emit(tamePlan(plan)).text));
  });
});

test("variables, labels and the work directory are literal", () => {
  inPlan((plan, { buildArguments }, read) => {
    const valuesOf = (wanted: string) =>
      Object.fromEntries(
        read.filter(({ keyword }) => keyword === wanted).map((one) => readAssignment(one, buildArguments)),
      );
    const { PATH: _, ...variables } = ofKind(plan, "environment")?.variables ?? {};
    expect(valuesOf("ENV")).toMatchObject({
      PYTHONPATH: plan.workDirectory,
      ...variables,
      IMAGESPEC_ID: plan.id,
    });
    const title = { "org.opencontainers.image.title": plan.destination.name };
    expect(valuesOf("LABEL")).toMatchObject({ ...title, ...ofKind(plan, "labels")?.labels });
    const directories = read.filter(({ keyword }) => keyword === "WORKDIR");
    expect(directories.map(({ rest }) => readWord(rest, buildArguments))).toEqual([plan.workDirectory]);
  });
});

test("packages, commands and the entrypoint are words of their own", () => {
  inPlan((plan, _, read) => {
    const apt = ofKind(plan, "apt");
    const expected = apt ? [["/bin/sh", "-e", "/dev/.imagespec/apt.sh", "--", ...apt.packages]] : [];
    expect(scripts(read, "/dev/.imagespec/apt.sh")).toEqual(expected);
    const commands = ofKind(plan, "commands")?.commands ?? [];
    for (const words of scripts(read, "-c")) {
      expect(words).toHaveLength(5);
      expect(words[4]).toMatch(/^export PATH="\$PATH:/);
      expect(words[4]!.endsWith(`\n${[...commands, ""].join("\n")}`)).toBe(true);
    }
    const entrypoints = read.filter(({ keyword }) => keyword === "ENTRYPOINT").map(readWords);
    const entrypoint = ofKind(plan, "entrypoint");
    expect(entrypoints).toEqual(entrypoint ? [entrypoint.arguments] : []);
  });
});

test("what is copied is named literally, at both ends", () => {
  inPlan((plan, _, read) => {
    const trees = ofKind(plan, "files")?.trees ?? [];
    const copies = read.filter(({ keyword }) => keyword === "COPY").map(readCopy);
    const printable = (text: string) => text.replaceAll(/[^ -~]/gu, "?");
    expect(copies).toEqual(trees.map(({ context, target }) => [`${printable(context)}/`, `${target}/`]));
  });
});

test("requirements keep their places among options", () => {
  inPlan((plan, _, read) => {
    const step = ofKind(plan, "requirements");
    if (!step) return;
    const { index, extraIndexes, extraArguments } = step.index;
    expect(scripts(read, "/dev/.imagespec/requirements.sh")).toEqual([
      [
        ...["/bin/sh", "-e", "/dev/.imagespec/requirements.sh", ofKind(plan, "python")?.executable ?? ""],
        "/dev/.imagespec/context/requirements",
        ...(index === undefined ? [] : [`--default-index=${index}`]),
        ...extraIndexes.map((url) => `--index=${url}`),
        ...extraArguments,
        ...["-r", "0.txt", "--"],
        ...step.packages,
      ],
    ]);
  });
});

test("no line is longer than Docker reads, whatever a value is made of", () => {
  const long = fc.tuple(
    fc.constantFrom("\\", " ", "#", '"', "$", "\n", "é", "🐳", "a"),
    hostileText,
    fc.integer({ min: 20_000, max: 70_000 }),
  );
  fc.assert(
    fc.property(long, ([unit, text, times]) => {
      const value = (unit.repeat(times) + text).slice(0, 60_000).toWellFormed();
      const commands: KnownStep = { kind: "commands", commands: [value] };
      const labels: KnownStep = { kind: "labels", labels: { x: value } };
      const plan = {
        ...tamePlan(fc.sample(hostilePlan, { numRuns: 1, seed: 1 })[0]!),
        steps: [commands, labels],
      };
      if (Buffer.byteLength(value) > 130_000) return;
      const { text: emitted, buildArguments } = emit(plan);
      for (const line of emitted.split("\n")) expect(Buffer.byteLength(line)).toBeLessThan(65_535);
      const read = readDockerfile(emitted);
      expect(scripts(read, "-c")[0]?.[4]?.endsWith(`\n${value}\n`)).toBe(true);
      const label = read.find(({ rest }) => rest.startsWith('"x"='));
      expect(readAssignment(label!, buildArguments)[1]).toBe(value);
    }),
    { numRuns: 30 },
  );
});

test.each(["#", "\\#", " #", "\\\\ ##", " \\ #", "\t#"])(
  "a line of a value is never taken for a comment: %j",
  (line) => {
    const plan = tamePlan(fc.sample(hostilePlan, { numRuns: 1, seed: 1 })[0]!);
    const entrypoint: KnownStep = { kind: "entrypoint", arguments: [`\n${line}`] };
    const read = readDockerfile(emit({ ...plan, steps: [entrypoint] }).text);
    expect(read.filter(({ keyword }) => keyword === "ENTRYPOINT").map(readWords)).toEqual([[`\n${line}`]]);
  },
);
