import type { Manifest } from "../manifest/parse-manifest.ts";
import type { ManifestReader } from "../manifest/read-platforms.ts";
import { fetchConfig, fetchManifest, type Source } from "./manifest-source.ts";
import type { RegistrySession } from "./registry-session.ts";

export type ContentReader = ManifestReader &
  Readonly<{
    /** A manifest by tag or digest, with its digest. */
    find(wanted: string): Promise<Readonly<{ manifest: Manifest; digest: string }>>;
  }>;

/** Reads manifests and configs of one repository, each of them once. */
export function contentReader(session: RegistrySession, source: Source): ContentReader {
  const find = once((wanted) => fetchManifest(session, source, wanted));
  return {
    find,
    manifest: async (digest) => (await find(digest)).manifest,
    config: once((digest) => fetchConfig(session, source, digest)),
  };
}

function once<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (name) => {
    const result = known.get(name) ?? read(name);
    known.set(name, result);
    return result;
  };
}
