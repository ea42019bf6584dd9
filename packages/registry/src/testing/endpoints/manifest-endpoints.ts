import { isDigest, isTag } from "@imagespec/core";
import { type Answer, emptyAnswer, type HeaderValues } from "../http/answer.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import { readBody } from "../http/read-body.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import { digestOf } from "../store/digest.ts";
import type { StoredManifest } from "../store/repository.ts";
import { requireDeletes } from "./deletes.ts";
import { isUnchanged } from "./entity-tag.ts";
import { requireAccepted } from "./require-accepted.ts";
import { locationOf, type RegistryService } from "./service.ts";

type Target = Readonly<{ service: RegistryService; name: string; reference: string }>;

/** `/v2/<name>/manifests/<tag or digest>` */
export function manifestMethods(service: RegistryService, name: string, reference: string): Methods {
  const target = { service, name, reference };
  return {
    GET: (request) => getManifest(target, request),
    PUT: (request) => putManifest(target, request),
    DELETE: () => deleteManifest(target),
  };
}

function requireManifest({ service, name, reference }: Target): StoredManifest {
  const manifest = service.store.find(name)?.findManifest(reference);
  if (manifest === undefined) throw new ProtocolError("MANIFEST_UNKNOWN", { detail: { name, reference } });
  return manifest;
}

function getManifest(target: Target, request: RegistryRequest): Answer {
  const { digest, mediaType, bytes } = requireManifest(target);
  if (target.service.settings.strictAccept) requireAccepted(request, mediaType);
  const headers = { "Docker-Content-Digest": digest, ETag: `"${digest}"` };
  if (isUnchanged(request, digest)) return emptyAnswer(304, headers);
  return { status: 200, headers: { ...headers, "Content-Type": mediaType }, body: bytes };
}

async function putManifest(target: Target, request: RegistryRequest): Promise<Answer> {
  const { service, name, reference } = target;
  const tags = pushedTags(reference, request.query.getAll("tag"));
  const bytes = await readBody(request.body, service.settings.maxManifestBytes);
  const digest = isDigest(reference) ? reference : digestOf(bytes);
  const mediaType = request.headers["content-type"] ?? "";
  const manifest = service.store.open(name).putManifest({ bytes, mediaType, digest, tags });
  const location = locationOf(service, request, `/v2/${name}/manifests/${digest}`);
  return emptyAnswer(201, { Location: location, ...pushHeaders(target, manifest, tags) });
}

/** The tag of the path, or those that a push by digest asks for. @throws ProtocolError TAG_INVALID, DIGEST_INVALID */
function pushedTags(reference: string, parameters: readonly string[]): readonly string[] {
  const invalid = parameters.find((tag) => !isTag(tag));
  if (invalid !== undefined) throw new ProtocolError("TAG_INVALID", { detail: { tag: invalid } });
  if (isDigest(reference)) return parameters;
  if (isTag(reference)) return [reference];
  throw new ProtocolError(reference.includes(":") ? "DIGEST_INVALID" : "TAG_INVALID", {
    detail: { reference },
  });
}

function pushHeaders(
  { service, reference }: Target,
  manifest: StoredManifest,
  tags: readonly string[],
): HeaderValues {
  const { digest, subject } = manifest;
  return {
    "Docker-Content-Digest": digest,
    ...(subject !== undefined && service.settings.referrers ? { "OCI-Subject": subject } : {}),
    ...(tags.length > 0 && isDigest(reference) ? { "OCI-Tag": tags } : {}),
  };
}

function deleteManifest(target: Target): Answer {
  const { service, name, reference } = target;
  requireDeletes(service);
  const manifest = requireManifest(target);
  const repository = service.store.open(name);
  if (!repository.tags.delete(reference)) repository.deleteManifest(manifest.digest);
  return emptyAnswer(202);
}
