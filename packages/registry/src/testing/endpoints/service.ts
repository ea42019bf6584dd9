import type { RegistryRequest } from "../http/registry-request.ts";
import type { RepositoryStore } from "../store/repository-store.ts";

export type RegistrySettings = Readonly<{
  deletes: boolean;
  maxBlobBytes: number;
  maxManifestBytes: number;
  pageSize: number;
  referrers: boolean;
  relativeLocations: boolean;
  strictAccept: boolean;
}>;

/** What the endpoints work on. */
export type RegistryService = Readonly<{ store: RepositoryStore; settings: RegistrySettings }>;

/** A Location header's value for a path on this registry: absolute, as docker's registry writes it, unless told. */
export function locationOf(service: RegistryService, request: RegistryRequest, path: string): string {
  return service.settings.relativeLocations ? path : `${request.origin}${path}`;
}

/** The blob, where it is in that repository. */
export function findBlob(service: RegistryService, name: string, digest: string): Uint8Array | undefined {
  return service.store.find(name)?.blobs.get(digest);
}
