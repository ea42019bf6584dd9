export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

const indexes: ReadonlySet<string> = new Set([OCI_INDEX, DOCKER_LIST]);
const images: ReadonlySet<string> = new Set([OCI_MANIFEST, DOCKER_MANIFEST]);

/** All four, always: with fewer a registry says 404 for what it has, or gives the digest of a child. */
export const ACCEPT_MANIFESTS: string = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(", ");

export function isIndexType(type: string): boolean {
  return indexes.has(type);
}

export function isManifestType(type: string): boolean {
  return indexes.has(type) || images.has(type);
}

/** A Content-Type without its parameters, in lower case; empty where there is none. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
