import { formatPlatform, type Platform, platformOf } from "@imagespec/core";
import { RegistryFault } from "../registry-fault.ts";
import { isIndexType } from "./media-types.ts";
import { type Descriptor, type Manifest, platformFields } from "./parse-manifest.ts";

/** One image of a reference: `digest` is that of its manifest. */
export type PlatformImage = Readonly<{ platform: string; digest: string }>;

/** Reads by digest, so that a tag that moves meanwhile cannot mix two images. */
export type ManifestReader = Readonly<{
  manifest(digest: string): Promise<Manifest>;
  config(digest: string): Promise<Readonly<Record<string, unknown>>>;
}>;

const MAX_DEPTH = 4;
/** An index asks for a request for each child without a platform; no honest one has more of them. */
const MAX_LOOKUPS = 64;

type Walk = { readonly reader: ManifestReader; lookups: number };
type Node = Readonly<{ digest: string; manifest: Manifest; depth: number }>;

/**
 * The platforms of a manifest or index in normal form, in its order: children of nested indexes too, attestations left
 * out. A child without a platform is asked for its config. Rejects with a `RegistryFault`.
 */
export function readPlatforms(
  digest: string,
  manifest: Manifest,
  reader: ManifestReader,
): Promise<readonly PlatformImage[]> {
  return visit({ reader, lookups: 0 }, { digest, manifest, depth: 0 });
}

async function visit(walk: Walk, { digest, manifest, depth }: Node): Promise<readonly PlatformImage[]> {
  if (manifest.kind === "schema1") return imageOf(digest, manifest.platform);
  if (manifest.kind === "image")
    return imageOf(digest, platformFields(await walk.reader.config(manifest.config.digest)));
  if (depth === MAX_DEPTH) throw tooMuch(`indexes are nested deeper than ${MAX_DEPTH}`);
  const found: PlatformImage[] = [];
  for (const child of manifest.children) found.push(...(await visitChild(walk, child, depth + 1)));
  return found;
}

async function visitChild(walk: Walk, child: Descriptor, depth: number): Promise<readonly PlatformImage[]> {
  if (isAttestation(child)) return [];
  if (child.platform !== undefined && !isIndexType(child.mediaType))
    return imageOf(child.digest, child.platform);
  walk.lookups += 1;
  if (walk.lookups > MAX_LOOKUPS) throw tooMuch(`more than ${MAX_LOOKUPS} of its parts name no platform`);
  return visit(walk, { digest: child.digest, manifest: await walk.reader.manifest(child.digest), depth });
}

/** BuildKit marks its provenance and SBOM manifests in both ways. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
  const isUnknown = platform?.os === "unknown" && platform.architecture === "unknown";
  return isUnknown || annotations["vnd.docker.reference.type"] === "attestation-manifest";
}

function imageOf(digest: string, platform: Platform | undefined): readonly PlatformImage[] {
  return platform === undefined ? [] : [{ digest, platform: formatPlatform(platformOf(platform)) }];
}

function tooMuch(detail: string): RegistryFault {
  return new RegistryFault("protocol", {
    detail,
    hint: "such an index cannot be checked: name an image in it by digest",
  });
}
