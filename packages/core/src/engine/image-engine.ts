import type { Existence, Issue, PlanInput } from "../builder/builder.ts";
import { checkCapabilities, planNeeds } from "../builder/capabilities.ts";
import { noopName } from "../builder/noop-builder.ts";
import { FileDigests } from "../context/digest-files.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { type ResolveOptions, resolveImage } from "../plan/resolve-plan.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import { applyDefaults } from "../spec/apply-defaults.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { type AssignedBuilder, type BuildGraph, buildGraph, type GraphNode } from "./build-graph.ts";
import { askExistence, type NodeRun } from "./build-node.ts";
import { lendServices } from "./build-services.ts";
import { parseBuilderOptions, reachingOptions } from "./builder-options.ts";
import type {
  BuildOptions,
  EmitOptions,
  EmittedImage,
  EngineOptions,
  ImageEngine,
  RunOptions,
  SpecInput,
} from "./engine-types.ts";
import { foresee } from "./existence-policy.ts";
import type { ImageOutcome, NamedSpec, PlannedImage } from "./image-outcome.ts";
import { Redactor } from "./redactor.ts";
import { runGraph } from "./run-graph.ts";

const never = new AbortController().signal;

function named(input: SpecInput): NamedSpec {
  return "spec" in input ? (input as NamedSpec) : { spec: input as ImageSpec };
}

function refusalError(image: ResolvedImage, issues: readonly Issue[]): ImageSpecError {
  const [first] = issues;
  return new ImageSpecError(first!.code, first!.message, {
    image: image.reference,
    field: first!.field,
    hint: first!.hint,
    issues,
  });
}

class Engine implements ImageEngine {
  readonly #options: EngineOptions;
  readonly #digests = new FileDigests();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async resolve(specs: readonly SpecInput[], signal?: AbortSignal): Promise<readonly ResolvedImage[]> {
    const images: ResolvedImage[] = [];
    for (const input of specs) images.push(await this.#resolveOne(named(input), signal));
    return images;
  }

  async #resolveOne({ spec, name, cwd }: NamedSpec, signal: AbortSignal | undefined): Promise<ResolvedImage> {
    const { builders, defaults, hostPlatform } = this.#options;
    const options: ResolveOptions = {
      cwd: cwd ?? this.#options.cwd,
      name,
      hostPlatform,
      digests: this.#digests,
      reachingOptions: reachingOptions(builders),
      signal,
    };
    return resolveImage(applyDefaults(spec, defaults), options);
  }

  async #assign(image: ResolvedImage, signal: AbortSignal): Promise<AssignedBuilder> {
    const { builders } = this.#options;
    const name = image.plan.builder;
    const builder =
      name === undefined
        ? (builders.onlyCandidate() ??
          (await builders.choose(signal, ({ name }) => image.options[name] ?? {})))
        : await builders.get(name);
    return { builder, options: await parseBuilderOptions(builder, image.options[builder.name] ?? {}) };
  }

  #destinationOf(push: boolean | undefined): (node: GraphNode) => "registry" | "local" {
    return ({ image }) =>
      push === false || image.plan.destination.registry === undefined ? "local" : "registry";
  }

  /** Everything that keeps the image from being built, and every warning. */
  #issues(node: GraphNode, destination: "registry" | "local"): readonly Issue[] {
    const { image, builder, options } = node;
    const needs = planNeeds(image.plan, { destination, registryConfig: image.registryConfig !== undefined });
    const others = this.#options.builders.list().filter(({ name }) => name !== noopName);
    const input: PlanInput<unknown> = { plan: image.plan, options, bases: new Map() };
    return [...image.issues, ...checkCapabilities(builder, needs, others), ...(builder.check?.(input) ?? [])];
  }

  #check(nodes: readonly GraphNode[], destinationOf: (node: GraphNode) => "registry" | "local"): void {
    for (const node of nodes) {
      const errors = this.#issues(node, destinationOf(node)).filter(({ severity }) => severity === "error");
      if (errors.length > 0) throw refusalError(node.image, errors);
    }
  }

  #warn(
    nodes: readonly GraphNode[],
    destinationOf: (node: GraphNode) => "registry" | "local",
    run: RunOptions,
  ): void {
    for (const node of nodes) {
      const { plan, reference: image } = node.image;
      const { name } = plan.destination;
      run.onEvent?.({
        type: "image-planned",
        image,
        name,
        builder: node.builder.name,
        platforms: plan.platforms,
      });
      for (const { code, message, hint, severity } of this.#issues(node, destinationOf(node))) {
        if (severity === "warning") run.onEvent?.({ type: "warning", image, code, message, hint });
      }
    }
  }

  #nodeRun(node: GraphNode, run: RunOptions): NodeRun {
    return {
      node,
      base: undefined,
      registry: this.#options.registry,
      destination: this.#destinationOf(run.push)(node),
      force: false,
      ifUnknown: "error",
      secrets: run.secrets ?? {},
      redactor: new Redactor(),
      signal: run.signal ?? never,
      emit: run.onEvent ?? (() => {}),
    };
  }

  async #ask(node: GraphNode, options: RunOptions): Promise<Existence> {
    const run = this.#nodeRun(node, options);
    const { image, builder } = node;
    const lent = lendServices({ ...run, image });
    try {
      return await askExistence(run, {
        plan: image.plan,
        options: node.options,
        bases: new Map(),
        reference: image.reference,
        destination: run.destination,
        force: false,
        services: lent.services,
        signal: run.signal,
      });
    } catch (error) {
      if (ImageSpecError.isInstance(error)) {
        return { verdict: "unknown", reason: error.code, detail: error.message, hint: error.details.hint };
      }
      throw new ImageSpecError("BUILDER_FAILED", `the ${builder.name} builder failed while asked`, {
        cause: error,
      });
    } finally {
      await lent.dispose();
    }
  }

  async #graph(specs: readonly SpecInput[], signal: AbortSignal = never): Promise<BuildGraph> {
    const images = await this.resolve(specs, signal);
    return buildGraph(images, (image) => this.#assign(image, signal));
  }

  async exists(specs: readonly SpecInput[], options: RunOptions = {}): Promise<readonly Existence[]> {
    const { roots } = await this.#graph(specs, options.signal);
    return Promise.all(roots.map((node) => this.#ask(node, options)));
  }

  async plan(specs: readonly SpecInput[], options: RunOptions = {}): Promise<readonly PlannedImage[]> {
    const { nodes } = await this.#graph(specs, options.signal);
    const destinationOf = this.#destinationOf(options.push);
    return Promise.all(
      nodes.map(async (node) => {
        const issues = this.#issues(node, destinationOf(node));
        const existence = await this.#ask(node, options);
        const name = node.image.plan.destination.name;
        return {
          name,
          image: node.image,
          builder: node.builder.name,
          existence,
          issues,
          ...foresee(existence, issues),
        };
      }),
    );
  }

  async build(specs: readonly SpecInput[], options: BuildOptions = {}): Promise<readonly ImageOutcome[]> {
    const graph = await this.#graph(specs, options.signal);
    const destinationOf = this.#destinationOf(options.push);
    this.#check(graph.nodes, destinationOf);
    this.#warn(graph.nodes, destinationOf, options);
    const failure = new AbortController();
    const redactor = new Redactor();
    const outcomes = await runGraph(graph, {
      registry: this.#options.registry,
      destinationOf,
      force: options.force ?? false,
      ifUnknown: options.ifUnknown ?? "error",
      secrets: options.secrets ?? {},
      redactor,
      signal: AbortSignal.any([failure.signal, options.signal ?? never]),
      emit: (event) => options.onEvent?.(redactor.data(event)),
      concurrency: options.concurrency ?? 4,
      keepGoing: options.keepGoing ?? false,
      cancel: () => failure.abort(),
    });
    return graph.roots.map((node) => outcomes.get(node)!);
  }

  async emit(spec: SpecInput, options: EmitOptions = {}): Promise<EmittedImage> {
    const [image] = await this.resolve([spec], options.signal);
    const chosen = { ...image!, plan: { ...image!.plan, builder: options.builder ?? image!.plan.builder } };
    const node: GraphNode = { image: chosen, ...(await this.#assign(chosen, options.signal ?? never)) };
    this.#check([node], () => "registry");
    const input: PlanInput<unknown> = {
      plan: chosen.plan,
      options: node.options,
      bases: options.bases ?? new Map(),
    };
    const files = node.builder.emit?.(input);
    if (files) return { image: chosen, builder: node.builder.name, files };
    throw new ImageSpecError("EMIT_UNSUPPORTED", `the ${node.builder.name} builder has no files to show`, {
      hint: "name another one: --format dockerfile",
    });
  }
}

/** The engine for these builders and this registry client. */
export function createEngine(options: EngineOptions): ImageEngine {
  return new Engine(options);
}
