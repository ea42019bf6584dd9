import { ImageSpecError } from "@imagespec/core";
import { type BuildCache, type CacheType, cacheTypes, type DockerOptions } from "../options.ts";
import type { Environment } from "./docker-config.ts";

const variables = ["FLYTE_DOCKER_BUILDER_CACHE_FROM", "FLYTE_DOCKER_BUILDER_CACHE_TO"] as const;

function isCacheType(type: string | undefined): type is CacheType {
  return cacheTypes.some((known) => known === type);
}

/** As buildx reads it: `type=registry,ref=ghcr.io/org/cache`, or the name of an image alone. */
function parseCache(variable: string, text: string): BuildCache {
  if (!/[=,]/.test(text)) return { type: "registry", ref: text };
  const pairs = text.split(",").map((part) => part.split(/=(.*)/s, 2));
  const { type, ...attributes } = Object.fromEntries(pairs) as Record<string, string | undefined>;
  const isComplete = pairs.every(([name, value]) => name && value && !/["\p{Cc}]/u.test(value));
  if (isCacheType(type) && isComplete) return { type, ...attributes } as BuildCache;
  throw new ImageSpecError("BUILDER_OPTIONS", `${variable} is not a cache as docker buildx takes it`, {
    hint: `export ${variable}=type=registry,ref=ghcr.io/ORG/cache   (types: ${cacheTypes.join(", ")})`,
  });
}

/**
 * The caches that flyte's variables name; as in flyte both have to be there.
 *
 * @throws ImageSpecError `BUILDER_OPTIONS`
 */
export function flyteCaches(environment: Environment): Pick<DockerOptions, "cacheFrom" | "cacheTo"> {
  const [from, to] = variables.map((name) => environment[name]);
  if (!from || !to) return {};
  return { cacheFrom: [parseCache(variables[0], from)], cacheTo: [parseCache(variables[1], to)] };
}
