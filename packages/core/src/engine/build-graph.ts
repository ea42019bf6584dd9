import type { AnyBuilder } from "../builder/builder-registry.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";

/** One image to be there: equal requests, however many specs make them, share one. */
export type GraphNode = Readonly<{
  image: ResolvedImage;
  builder: AnyBuilder;
  options: unknown;
  /** The image that this one starts from, when a spec describes it. */
  base?: GraphNode | undefined;
}>;

export type BuildGraph = Readonly<{
  /** Bases before what stands on them. */
  nodes: readonly GraphNode[];
  /** The node of each spec that was asked for, in the order asked. */
  roots: readonly GraphNode[];
}>;

export type AssignedBuilder = Readonly<{ builder: AnyBuilder; options: unknown }>;

/** The graph of these images: each once, by builder and reference. */
export async function buildGraph(
  images: readonly ResolvedImage[],
  assign: (image: ResolvedImage) => Promise<AssignedBuilder>,
): Promise<BuildGraph> {
  const nodes = new Map<string, GraphNode>();
  const visit = async (image: ResolvedImage): Promise<GraphNode> => {
    const assigned = await assign(image);
    const isApart = image.base && !assigned.builder.includesBase?.(image.plan);
    const base = isApart ? await visit(image.base!) : undefined;
    const key = `${assigned.builder.name} ${image.reference}`;
    const node = nodes.get(key) ?? { image, ...assigned, base };
    nodes.set(key, node);
    return node;
  };
  const roots: GraphNode[] = [];
  for (const image of images) roots.push(await visit(image));
  return { nodes: [...nodes.values()], roots };
}
