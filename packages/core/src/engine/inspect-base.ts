import type { ImageConfig } from "../builder/builder.ts";
import { baseReference } from "../plan/base-reference.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { NodeRun } from "./build-node.ts";

/**
 * The base's config for the platform that is built, by its reference: what builders that ask for it are given. Empty
 * where no registry has it, or none lets us read it.
 */
export async function inspectBase(
  { node, registry, signal }: Pick<NodeRun, "node" | "registry" | "signal">,
  { base, destination, platforms: [platform] }: BuildPlan,
): Promise<ReadonlyMap<string, ImageConfig>> {
  if (!node.builder.inspectsBase || !registry || platform === undefined) return new Map();
  const { insecure } = base.kind === "image" ? base.plan.destination : destination;
  const { registryConfig } = node.image;
  const config = await registry.imageConfig(baseReference(base), platform, {
    registryConfig,
    insecure,
    signal,
  });
  return new Map(config ? [[base.reference, config]] : []);
}
