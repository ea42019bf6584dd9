import pLimit from "p-limit";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { BuildGraph, GraphNode } from "./build-graph.ts";
import { type NodeResult, type NodeRun, runNode } from "./build-node.ts";
import type { ImageOutcome } from "./image-outcome.ts";
import { abortedError, asImageSpecError } from "./redact-error.ts";

export type GraphRun = Omit<NodeRun, "node" | "base" | "destination"> &
  Readonly<{
    destinationOf: (node: GraphNode) => "registry" | "local";
    concurrency: number;
    /** False: the first failure cancels the rest. */
    keepGoing: boolean;
    /** Cancels what still runs. */
    cancel: () => void;
  }>;

function outcome(node: GraphNode, startedAt: number, rest: Partial<ImageOutcome>): ImageOutcome {
  const { plan, reference, fingerprint } = node.image;
  return {
    name: plan.destination.name,
    reference,
    fingerprint,
    plan,
    builder: node.builder.name,
    platforms: plan.platforms,
    status: "failed",
    warnings: [],
    durationMs: Date.now() - startedAt,
    ...rest,
  };
}

function succeeded({ status, image }: NodeResult): Partial<ImageOutcome> {
  return { status, image, reference: image.reference, warnings: image.warnings };
}

function emitEnd(run: GraphRun, image: string, result: ImageOutcome): void {
  const { status, error } = result;
  run.emit({
    type: "image-end",
    image,
    time: Date.now(),
    status,
    digest: result.image?.digest,
    error: error && {
      code: error.code,
      message: error.message,
      hint: error.details.hint,
      step: error.details.step,
    },
  });
}

async function attempt(run: GraphRun, node: GraphNode, base: string | undefined): Promise<ImageOutcome> {
  const startedAt = Date.now();
  const image = node.image.reference;
  try {
    if (run.signal.aborted) throw abortedError(image);
    const result = await runNode({ ...run, node, base, destination: run.destinationOf(node) });
    return outcome(node, startedAt, succeeded(result));
  } catch (error) {
    const isCancelled = run.signal.aborted;
    const typed = isCancelled ? abortedError(image) : asImageSpecError(error, run.redactor, image);
    if (!run.keepGoing) run.cancel();
    return outcome(node, startedAt, { status: isCancelled ? "skipped" : "failed", error: typed });
  }
}

function baseFailed(node: GraphNode, base: ImageOutcome): ImageOutcome {
  const error = new ImageSpecError("BASE_FAILED", `its base image ${base.reference} was not built`, {
    image: node.image.reference,
    hint: base.error?.message,
  });
  return outcome(node, Date.now(), { status: "skipped", error });
}

/** Runs every node once its base is there, at most `concurrency` at a time. Never rejects: failures are outcomes. */
export async function runGraph(
  graph: BuildGraph,
  run: GraphRun,
): Promise<ReadonlyMap<GraphNode, ImageOutcome>> {
  const limit = pLimit(run.concurrency);
  const running = new Map<GraphNode, Promise<ImageOutcome>>();
  const start = async (node: GraphNode): Promise<ImageOutcome> => {
    const base = node.base && (await running.get(node.base));
    const isBaseThere = !base || base.status === "built" || base.status === "present";
    const result = isBaseThere
      ? await limit(() => attempt(run, node, base?.reference))
      : baseFailed(node, base);
    emitEnd(run, node.image.reference, result);
    return result;
  };
  for (const node of graph.nodes) running.set(node, start(node));
  const entries = [...running].map(async ([node, result]) => [node, await result] as const);
  return new Map(await Promise.all(entries));
}
