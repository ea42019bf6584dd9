import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  BuilderRegistry,
  type BuildOptions,
  createEngine,
  type ImageEngine,
  type ImageOutcome,
  type ImageSpec,
} from "@imagespec/core";
import type { BuildEvent } from "@imagespec/core/builder";
import type { BuildPlace } from "./builder-under-test.ts";
import type { Kit } from "./kit.ts";
import { type Calls, watched } from "./watched-builder.ts";

/** An engine with the builder alone, and what it is asked to do. */
export type Workshop = Readonly<{ engine: ImageEngine; calls: Readonly<Calls> }>;

/** An engine that knows the builder under test alone. */
export function workshop(kit: Kit, place?: BuildPlace): Workshop {
  const { builder, calls } = watched(kit.builder);
  const builders = new BuilderRegistry().register(builder);
  return { engine: createEngine({ builders, registry: place?.client, cwd: kit.cwd }), calls };
}

/** The spec for this builder, with its options. */
export function specFor({ builder, options }: Kit, spec: ImageSpec): ImageSpec {
  const own = options === undefined ? {} : { builderOptions: { [builder.name]: options } };
  return { name: "sample", builder: builder.name, ...own, ...spec };
}

/** A spec for the place whose image nobody has built: no two have the same tag. */
export function freshSpec(kit: Kit, place: BuildPlace, more: ImageSpec = {}): ImageSpec {
  const { registry, spec } = place;
  const env = { ...spec.env, ...more.env, CONFORMANCE_RUN: randomUUID() };
  return specFor(kit, { ...spec, ...more, registry, env });
}

/** One build and all that it said. */
export type Build = Readonly<{
  outcome: ImageOutcome;
  events: readonly BuildEvent[];
  calls: Readonly<Calls>;
}>;

/** Builds one image of the place. What fails is an outcome. */
export async function runBuild(kit: Kit, spec: ImageSpec, options: BuildOptions = {}): Promise<Build> {
  const { engine, calls } = workshop(kit, await kit.place());
  const events: BuildEvent[] = [];
  const onEvent = (event: BuildEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const [outcome] = await engine.build([spec], { ...options, onEvent });
  assert(outcome);
  return { outcome, events, calls };
}

/** Builds what has to succeed. */
export async function buildWell(kit: Kit, spec: ImageSpec, options?: BuildOptions): Promise<Build> {
  const build = await runBuild(kit, spec, options);
  if (build.outcome.error) throw build.outcome.error;
  return build;
}
