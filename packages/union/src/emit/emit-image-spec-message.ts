import { create, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import {
  ImageSpecSchema,
  type Layer,
  type ImageSpec as WireMessage,
} from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
import { findStep, formatImageReference, parseImageReference } from "@imagespec/core";
import type { BasePlan, BuildPlan, PlanStep } from "@imagespec/core/builder";
import { type ContextLayout, layOutContext } from "../layout/context-layout.ts";
import { environmentLayer, stepLayers, stepVariables, workDirectoryLayer } from "./layers.ts";
import { flattenPlans } from "./plan-parts.ts";

/** `flyteidl2.imagebuilder.ImageSpec`, written down here because its package ships no declarations. */
export type ImageSpecMessage = Message<"flyteidl2.imagebuilder.ImageSpec"> & {
  baseImage: string;
  pythonVersion: string;
  layers: { layer: { case: string | undefined; value?: unknown } }[];
  platform: string[];
};

/** The same reference without what Docker leaves out: `python:3.12-slim`. */
function baseImage(base: BasePlan): string {
  const digest = base.kind === "reference" ? base.digest : undefined;
  const reference = parseImageReference(base.reference);
  const exact = digest === undefined ? reference : { ...reference, tag: undefined, digest };
  return formatImageReference(exact, "familiar");
}

function variablesOf(plan: BuildPlan): Readonly<Record<string, string>> {
  const step = findStep(plan, "environment");
  return step ? stepVariables(step) : {};
}

/** The official client's order. */
const stepOrder: readonly string[] = ["project", "requirements", "files", "commands"];

/** The layers of one plan; those of a base that was laid open end before the image's own begin. */
function planLayers(plan: BuildPlan, { steps: places }: ContextLayout): Layer[] {
  const layers = (step: PlanStep): readonly Layer[] => stepLayers(step, places.get(step));
  const apt = plan.steps.filter(({ kind }) => kind === "apt");
  const rest = stepOrder.flatMap((kind) => plan.steps.filter((step) => step.kind === kind));
  return [
    ...apt.flatMap(layers),
    environmentLayer({ PYTHONPATH: plan.workDirectory, ...variablesOf(plan) }),
    workDirectoryLayer(plan.workDirectory),
    ...rest.flatMap(layers),
  ];
}

/**
 * The plan as Union's remote image builder takes it, `flyteidl2.imagebuilder.ImageSpec`. Pure: equal plans give equal
 * bytes. What the protocol has no counterpart for is left out, and `checkImageSpecMessage` names it.
 */
export function emitImageSpecMessage(plan: BuildPlan): ImageSpecMessage {
  const plans = flattenPlans(plan);
  const layout = layOutContext(plan);
  const versions = plans.map((one) => findStep(one, "python")?.version).filter((one) => one !== undefined);
  return create(ImageSpecSchema, {
    baseImage: baseImage(plans[0].base),
    pythonVersion: versions.at(-1) ?? "",
    layers: [...plans.flatMap((one) => planLayers(one, layout)), environmentLayer({ IMAGESPEC_ID: plan.id })],
    platform: [...plan.platforms],
  });
}

/** The bytes of `spec.pb`: fields by number, variables by name. */
export function encodeImageSpecMessage(message: ImageSpecMessage): Uint8Array {
  return toBinary(ImageSpecSchema, message as WireMessage);
}

/** The message as proto3 JSON. */
export function printImageSpecMessage(message: ImageSpecMessage): string {
  return `${JSON.stringify(toJson(ImageSpecSchema, message as WireMessage), undefined, 2)}\n`;
}
