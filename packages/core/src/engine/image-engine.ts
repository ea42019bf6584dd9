import type { Existence, PlanInput, StreamedFile } from "../builder/builder.ts";
import { noopName } from "../builder/noop-builder.ts";
import { contextEntries } from "../context/context-entries.ts";
import { FileDigests } from "../context/digest-files.ts";
import { FileTexts } from "../context/file-texts.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { type ResolveOptions, resolveImage } from "../plan/resolve-plan.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import { applyDefaults } from "../spec/apply-defaults.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { type AssignedBuilder, type BuildGraph, buildGraph, type GraphNode } from "./build-graph.ts";
import { type Answer, askNode } from "./build-node.ts";
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
import type { BuildEvent } from "./events.ts";
import { foresee } from "./existence-policy.ts";
import { announceGraph, checkGraph, type GraphRules, nodeIssues, warningOfUnlocked } from "./graph-rules.ts";
import type { ImageOutcome, NamedSpec, PlannedImage } from "./image-outcome.ts";
import { Redactor } from "./redactor.ts";
import { runGraph } from "./run-graph.ts";
import { sharedSignal } from "./shared-signal.ts";

const never = sharedSignal();

function named(input: SpecInput): NamedSpec {
  return "spec" in input ? (input as NamedSpec) : { spec: input as ImageSpec };
}

/** The context as its builder sends it; undefined where that is a folder. */
function packedContext(
  { image, builder }: GraphNode,
  input: PlanInput<unknown>,
): readonly StreamedFile[] | undefined {
  if (!builder.packContext) return undefined;
  const withBases = builder.includesBase?.(image.plan) === true;
  const packed = builder.packContext(input, () => contextEntries(image, { withBases }));
  return packed ? [packed] : [];
}

class Engine implements ImageEngine {
  readonly #options: EngineOptions;
  readonly #digests = new FileDigests();
  readonly #texts = new FileTexts(this.#digests);

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async resolve(specs: readonly SpecInput[], signal?: AbortSignal): Promise<readonly ResolvedImage[]> {
    const images: ResolvedImage[] = [];
    for (const input of specs) images.push(await this.#resolveOne(named(input), signal));
    return images;
  }

  async #resolveOne({ spec, name, cwd }: NamedSpec, signal: AbortSignal | undefined): Promise<ResolvedImage> {
    const { builders, defaults, hostPlatform, lock } = this.#options;
    const options: ResolveOptions = {
      cwd: cwd ?? this.#options.cwd,
      name,
      hostPlatform,
      lock,
      digests: this.#digests,
      texts: this.#texts,
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

  #rules(push: boolean | undefined): GraphRules {
    return {
      destinationOf: ({ image }) =>
        push === false || image.plan.destination.registry === undefined ? "local" : "registry",
      others: this.#options.builders.list().filter(({ name }) => name !== noopName),
    };
  }

  #ask(node: GraphNode, options: RunOptions): Promise<Answer> {
    const redactor = new Redactor();
    return askNode({
      node,
      base: undefined,
      registry: this.#options.registry,
      destination: this.#rules(options.push).destinationOf(node),
      force: false,
      ifUnknown: "error",
      secrets: options.secrets ?? {},
      redactor,
      signal: options.signal ?? never,
      emit: (event) => options.onEvent?.(redactor.data(event)),
    });
  }

  async #graph(specs: readonly SpecInput[], signal: AbortSignal = never): Promise<BuildGraph> {
    const images = await this.resolve(specs, signal);
    return buildGraph(images, (image) => this.#assign(image, signal));
  }

  async exists(specs: readonly SpecInput[], options: RunOptions = {}): Promise<readonly Existence[]> {
    const run = { ...options, signal: sharedSignal(options.signal) };
    const { roots } = await this.#graph(specs, run.signal);
    return Promise.all(roots.map(async (node) => (await this.#ask(node, run)).existence));
  }

  async plan(specs: readonly SpecInput[], options: RunOptions = {}): Promise<readonly PlannedImage[]> {
    const run = { ...options, signal: sharedSignal(options.signal) };
    const { nodes, roots } = await this.#graph(specs, run.signal);
    const rules = this.#rules(options.push);
    return Promise.all(
      nodes.map(async (node) => {
        const issues = nodeIssues(node, rules);
        const answer = await this.#ask(node, run);
        const name = node.image.plan.destination.name;
        return {
          name,
          specs: roots.flatMap((root, position) => (root === node ? [position] : [])),
          image: node.image,
          builder: node.builder.name,
          destination: rules.destinationOf(node),
          ...answer,
          issues,
          ...foresee(answer.existence, issues),
        };
      }),
    );
  }

  async build(specs: readonly SpecInput[], options: BuildOptions = {}): Promise<readonly ImageOutcome[]> {
    const graph = await this.#graph(specs, options.signal);
    const rules = this.#rules(options.push);
    announceGraph(checkGraph(graph.nodes, rules), options.onEvent ?? (() => {}));
    const failure = new AbortController();
    const redactor = new Redactor();
    const emit = (event: BuildEvent): void => options.onEvent?.(redactor.data(event));
    const outcomes = await runGraph(graph, {
      registry: this.#options.registry,
      destinationOf: rules.destinationOf,
      force: options.force ?? false,
      ifUnknown: options.ifUnknown ?? "error",
      secrets: options.secrets ?? {},
      redactor,
      signal: sharedSignal(failure.signal, options.signal),
      emit: this.#options.lock ? warningOfUnlocked(graph.nodes, emit) : emit,
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
    checkGraph([node], { ...this.#rules(true), destinationOf: () => "registry" });
    const input: PlanInput<unknown> = {
      plan: chosen.plan,
      options: node.options,
      bases: options.bases ?? new Map(),
      pins: chosen.pins,
    };
    const files = node.builder.emit?.(input);
    const context = packedContext(node, input);
    if (files) return { image: chosen, builder: node.builder.name, files, ...(context && { context }) };
    throw new ImageSpecError("EMIT_UNSUPPORTED", `the ${node.builder.name} builder has no files to show`, {
      hint: "name another one: --format dockerfile",
    });
  }
}

/** The engine for these builders and this registry client. */
export function createEngine(options: EngineOptions): ImageEngine {
  return new Engine(options);
}
