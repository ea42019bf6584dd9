import { parseImageReference } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";

export type TargetImage = Readonly<{
  /** What the build is told to make: `name:tag` or `registry/name:tag`. */
  target: string;
  /** The name by which the image is asked for: its last path segment and tag. */
  lookUp: string;
}>;

/** How Union calls the image of that reference. */
export function targetImage(reference: string, { destination }: BuildPlan): TargetImage {
  const tag = parseImageReference(reference).tag ?? "latest";
  const { name, registry } = destination;
  const lookUp = `${name.slice(name.lastIndexOf("/") + 1)}:${tag}`;
  return { target: registry === undefined ? `${name}:${tag}` : `${registry}/${name}:${tag}`, lookUp };
}

/** Union looks images up without their registry, so the answer may be another one's. */
export function isInRegistry(image: string, { destination }: BuildPlan): boolean {
  return destination.registry === undefined || image.startsWith(`${destination.registry}/`);
}
