import type { BuildCache } from "../../options.ts";

/** The images that caches of type `registry` lie in. */
export function cacheReferences(caches: readonly BuildCache[] = []): readonly string[] {
  return caches.flatMap(({ type, ref }) => (type === "registry" && ref !== undefined ? [ref] : []));
}

/** A cache as buildx takes it: `type=registry,ref=ghcr.io/org/cache`. */
export function cacheOption({ type, ...attributes }: BuildCache): string {
  return [["type", type], ...Object.entries(attributes)].map(([name, value]) => `${name}=${value}`).join(",");
}
