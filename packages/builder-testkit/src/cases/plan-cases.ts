import assert from "node:assert/strict";
import { type ImageSpec, ImageSpecError } from "@imagespec/core";
import type { EmittedFile, Issue, PlanInput } from "@imagespec/core/builder";
import type { ConformanceCase, Kit } from "../kit.ts";
import { specFor, workshop } from "../run-build.ts";
import { type Sample, sampleFor, samples } from "../samples.ts";

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

/** What the builder is given for a spec before anything is asked of anybody. */
async function inputFor(kit: Kit, spec: ImageSpec): Promise<PlanInput<unknown>> {
  const { engine } = workshop(kit);
  const [image] = await engine.resolve([{ spec: specFor(kit, spec), cwd: kit.cwd }]);
  assert(image);
  return { plan: frozen(image.plan), options: await parsed(kit), bases: new Map() };
}

async function parsed({ builder, options = {} }: Kit): Promise<unknown> {
  const result = (await builder.optionsSchema?.["~standard"].validate(options)) as
    | { value?: unknown }
    | undefined;
  return frozen(result?.value ?? options);
}

function errorsOf(issues: readonly Issue[] | undefined): readonly string[] {
  return (issues ?? []).filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** What is sent, as one text. */
async function emitted(kit: Kit, spec: ImageSpec): Promise<string | undefined> {
  const files = kit.builder.emit?.(await inputFor(kit, spec));
  const text = ({ path, content, mode }: EmittedFile): string =>
    `${path} ${mode} ${typeof content === "string" ? content : Buffer.from(content).toString("base64")}`;
  return files?.map(text).join("\n");
}

async function refusalOf(kit: Kit, spec: ImageSpec): Promise<unknown> {
  const { engine, calls } = workshop(kit);
  const whole = specFor(kit, { baseImage: "registry.invalid/base:1", registry: "registry.invalid", ...spec });
  const error = await engine.build([whole]).then(
    () => assert.fail("it was built"),
    (reason: unknown) => reason,
  );
  assert.deepEqual(
    calls,
    { probe: 0, exists: 0, build: 0 },
    "it was asked to do something before the refusal",
  );
  return error;
}

async function isRefused(kit: Kit, { feature, spec }: Sample): Promise<void> {
  const error = await refusalOf(kit, spec);
  assert(ImageSpecError.isInstance(error), String(error));
  assert.match(error.code, /^SPEC_/, `${feature} is refused as ${error.code}: ${error.message}`);
}

async function isHonoured(kit: Kit, { feature, spec, without }: Sample): Promise<void> {
  const issues = errorsOf(kit.builder.check?.(await inputFor(kit, spec)));
  assert.deepEqual(issues, [], `it says that it supports ${feature}, and refuses it`);
  const [withIt, withoutIt] = [await emitted(kit, spec), await emitted(kit, without)];
  if (withIt !== undefined) {
    assert.notEqual(withIt, withoutIt, `it says that it supports ${feature}, and sends the same without it`);
  }
}

function featureCase(sample: Sample): ConformanceCase {
  return {
    name: `${sample.feature} is honoured, or refused before anything starts`,
    run: (kit) => {
      const judge = kit.builder.capabilities[sample.feature] === true ? isHonoured : isRefused;
      return judge(kit, sampleFor(sample, kit.secretMount));
    },
  };
}

export const planCases: readonly ConformanceCase[] = [
  ...samples.map(featureCase),
  {
    name: "check and emit are pure: they change nothing, and say the same again",
    async run(kit) {
      const { builder } = kit;
      const able = samples.filter(({ feature }) => builder.capabilities[feature] === true);
      for (const { spec } of able) {
        const input = await inputFor(kit, spec);
        assert.deepEqual(builder.check?.(input), builder.check?.(input));
        assert.deepEqual(builder.emit?.(input), builder.emit?.(input));
      }
    },
  },
];
