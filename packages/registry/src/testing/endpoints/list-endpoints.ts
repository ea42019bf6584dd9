import { type Answer, jsonAnswer } from "../http/answer.ts";
import { paginate } from "../http/pagination.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import { requireDigest } from "../store/digest.ts";
import { MEDIA_TYPES } from "../store/manifest-document.ts";
import type { StoredManifest } from "../store/repository.ts";
import type { RegistryService } from "./service.ts";

/** `/v2/_catalog` */
export function catalogMethods({ store, settings }: RegistryService): Methods {
  return {
    GET: (request) => {
      const { items, headers } = paginate(request, store.names(), settings.pageSize);
      return jsonAnswer(200, { repositories: items }, headers);
    },
  };
}

/** `/v2/<name>/tags/list` */
export function tagsMethods({ store, settings }: RegistryService, name: string): Methods {
  return {
    GET: (request) => {
      const repository = store.find(name);
      if (!repository?.hadManifest) throw new ProtocolError("NAME_UNKNOWN", { detail: { name } });
      const { items, headers } = paginate(request, [...repository.tags.keys()].sort(), settings.pageSize);
      return jsonAnswer(200, { name, tags: items }, headers);
    },
  };
}

/** `/v2/<name>/referrers/<digest>`; none where the registry is told to be of a time before it. */
export function referrersMethods(service: RegistryService, name: string, reference: string): Methods {
  if (!service.settings.referrers) throw new ProtocolError("UNSUPPORTED", { status: 404 });
  return { GET: (request) => listReferrers(service, request, { name, subject: requireDigest(reference) }) };
}

type Query = Readonly<{ name: string; subject: string }>;

function listReferrers({ store, settings }: RegistryService, request: RegistryRequest, query: Query): Answer {
  const artifactType = request.query.get("artifactType");
  const all = [...(store.find(query.name)?.manifests.values() ?? [])];
  const referrers = all
    .filter(({ subject }) => subject === query.subject)
    .filter((manifest) => artifactType === null || manifest.artifactType === artifactType);
  const byDigest = new Map(referrers.map((manifest) => [manifest.digest, describe(manifest)]));
  const { items, headers } = paginate(request, [...byDigest.keys()].sort(), settings.pageSize);
  const manifests = items.map((digest) => byDigest.get(digest));
  return jsonAnswer(
    200,
    { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests },
    { ...headers, "Content-Type": MEDIA_TYPES.ociIndex, ...filterHeader(artifactType) },
  );
}

function filterHeader(artifactType: string | null): Readonly<Record<string, string>> {
  return artifactType === null ? {} : { "OCI-Filters-Applied": "artifactType" };
}

function describe({ mediaType, bytes, digest, artifactType, annotations }: StoredManifest): unknown {
  return { mediaType, digest, size: bytes.length, artifactType, annotations };
}
