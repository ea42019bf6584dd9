import type { Issue, PlanInput } from "../builder/builder.ts";
import type { AnyBuilder } from "../builder/builder-registry.ts";
import { checkCapabilities, type Need, planNeeds } from "../builder/capabilities.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { unlockedBases } from "../lock/unlocked-bases.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import type { GraphNode } from "./build-graph.ts";
import type { BuildEvent } from "./events.ts";

/** What a node is checked against before anything starts. */
export type GraphRules = Readonly<{
  destinationOf: (node: GraphNode) => "registry" | "local";
  /** Builders that a refusal may recommend. */
  others: readonly AnyBuilder[];
}>;

/** What is needed for an image, and for the bases that its builder makes with it. */
function needsOf(image: ResolvedImage, node: GraphNode, destination: "registry" | "local"): readonly Need[] {
  const own = planNeeds(image.plan, { destination, registryConfig: image.registryConfig !== undefined });
  const isWithBase = image.base && node.builder.includesBase?.(image.plan);
  return isWithBase ? [...needsOf(image.base!, node, "registry"), ...own] : own;
}

/** Everything that keeps an image from being built, and every warning. */
export function nodeIssues(node: GraphNode, rules: GraphRules): readonly Issue[] {
  const { image, builder, options } = node;
  const needs = needsOf(image, node, rules.destinationOf(node));
  const input: PlanInput<unknown> = { plan: image.plan, options, bases: new Map(), pins: image.pins };
  return [
    ...image.issues,
    ...checkCapabilities(builder, needs, rules.others),
    ...(builder.check?.(input) ?? []),
  ];
}

function refusalError(image: ResolvedImage, issues: readonly Issue[]): ImageSpecError {
  const { code, message, field, hint } = issues[0]!;
  return new ImageSpecError(code, message, { image: image.reference, field, hint, issues });
}

/** Every node with its issues, each looked for once. */
export type CheckedGraph = ReadonlyMap<GraphNode, readonly Issue[]>;

/**
 * Passes when every image can be built.
 *
 * @throws ImageSpecError the first refusal of the first image that has one, all of its refusals in `details.issues`
 */
export function checkGraph(nodes: readonly GraphNode[], rules: GraphRules): CheckedGraph {
  const checked = new Map<GraphNode, readonly Issue[]>();
  for (const node of nodes) {
    const issues = nodeIssues(node, rules);
    const errors = issues.filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw refusalError(node.image, errors);
    checked.set(node, issues);
  }
  return checked;
}

/** Hands events on; with the first image that is built it tells, once, of the bases that are not locked. */
export function warningOfUnlocked(
  nodes: readonly GraphNode[],
  emit: (event: BuildEvent) => void,
): (event: BuildEvent) => void {
  let isTold = false;
  return (event) => {
    const issue = event.type === "build-start" && !isTold && unlockedBases(nodes.map(({ image }) => image));
    isTold ||= event.type === "build-start";
    emit(event);
    if (!issue) return;
    const { code, message, hint } = issue;
    emit({ type: "warning", image: event.image, code, message, hint });
  };
}

/** Tells which images are to be there, each with its warnings. */
export function announceGraph(checked: CheckedGraph, onEvent: (event: BuildEvent) => void): void {
  for (const [node, issues] of checked) {
    const { plan, reference: image } = node.image;
    const { name } = plan.destination;
    onEvent({ type: "image-planned", image, name, builder: node.builder.name, platforms: plan.platforms });
    for (const { code, message, hint, severity } of issues) {
      if (severity === "warning") onEvent({ type: "warning", image, code, message, hint });
    }
  }
}
