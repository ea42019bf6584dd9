import {
  type ImageReference,
  normalizeHost,
  parseRegistryPrefix,
  type RegistryPrefix,
} from "@imagespec/core";
import type { HostOptions, Place } from "../client/place.ts";
import type { ConfiguredRegistry } from "./registries-conf.ts";

/** The registry that a reference names, and the mirrors that are asked before it. */
export type Places = Readonly<{ origin: Place; mirrors: readonly Place[] }>;

export type PlaceSettings = Readonly<{
  options: ReadonlyMap<string, HostOptions>;
  configured: readonly ConfiguredRegistry[];
}>;

/** Registries that are caches of others by what they are. */
const knownCaches: ReadonlySet<string> = new Set(["mirror.gcr.io"]);

/** Where a reference is asked for. Mirrors of our own configuration come before those of `registries.conf`. */
export function placesOf(
  reference: ImageReference,
  insecure: boolean,
  { options, configured }: PlaceSettings,
): Places {
  const own = options.get(reference.host);
  const entry = bestEntry(reference, configured);
  const origin = {
    host: reference.host,
    repository: reference.repository,
    insecure: insecure || own?.insecure === true || entry?.insecure === true,
    cache: own?.pullThrough === true || knownCaches.has(reference.host),
  };
  const mirrors = [
    ...(own?.mirrors ?? []).map((mirror) =>
      mirrorOf(parseRegistryPrefix(mirror), reference.repository, options),
    ),
    ...configuredMirrors(entry, reference, options),
  ];
  return { origin, mirrors };
}

/** `rest`: the part of the repository that the mirror's own prefix is put in front of. */
function mirrorOf(
  { host, namespace, insecure }: RegistryPrefix,
  rest: string,
  options: ReadonlyMap<string, HostOptions>,
): Place {
  const repository = [namespace, rest].filter((part) => part !== "").join("/");
  return { host, repository, insecure: insecure || options.get(host)?.insecure === true, cache: true };
}

function configuredMirrors(
  entry: ConfiguredRegistry | undefined,
  reference: ImageReference,
  options: ReadonlyMap<string, HostOptions>,
): readonly Place[] {
  if (entry === undefined) return [];
  const name = `${reference.host}/${reference.repository}`;
  const rest = entry.prefix.startsWith("*.") ? reference.repository : name.slice(entry.prefix.length + 1);
  const kind = reference.digest === undefined ? "tag" : "digest";
  return entry.mirrors
    .filter((mirror) => mirror.for === "all" || mirror.for === kind)
    .map(({ location, insecure }) => mirrorOf({ ...location, insecure }, rest, options));
}

/** The entry with the longest prefix of the reference's name, as containers' tools choose it. */
function bestEntry(
  { host, repository }: ImageReference,
  configured: readonly ConfiguredRegistry[],
): ConfiguredRegistry | undefined {
  const name = `${host}/${repository}`;
  return configured
    .filter(({ prefix }) => covers(prefix, host, name))
    .reduce<ConfiguredRegistry | undefined>(longer, undefined);
}

function covers(prefix: string, host: string, name: string): boolean {
  if (prefix.startsWith("*.")) return host.endsWith(prefix.slice(1));
  return name === prefix || name.startsWith(`${prefix}/`);
}

function longer(best: ConfiguredRegistry | undefined, entry: ConfiguredRegistry): ConfiguredRegistry {
  return best === undefined || entry.prefix.length > best.prefix.length ? entry : best;
}

/** Options under the names by which hosts are looked up. */
export function byHost(registries: Readonly<Record<string, HostOptions>>): ReadonlyMap<string, HostOptions> {
  return new Map(Object.entries(registries).map(([host, options]) => [normalizeHost(host), options]));
}
