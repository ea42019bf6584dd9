import { isDigest } from "@imagespec/core";
import { ProtocolError } from "../http/protocol-error.ts";

export const MEDIA_TYPES: Readonly<Record<"dockerImage" | "dockerList" | "ociImage" | "ociIndex", string>> = {
  dockerImage: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  ociImage: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
};

const imageTypes: ReadonlySet<string> = new Set([MEDIA_TYPES.dockerImage, MEDIA_TYPES.ociImage]);
const indexTypes: ReadonlySet<string> = new Set([MEDIA_TYPES.dockerList, MEDIA_TYPES.ociIndex]);

/** What the registry needs to know of a manifest. */
export type ManifestDocument = Readonly<{
  mediaType: string;
  /** Digests of what must be in the repository before the manifest is. */
  blobs: readonly string[];
  manifests: readonly string[];
  subject: string | undefined;
  artifactType: string | undefined;
  annotations: unknown;
}>;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an image manifest or an index, of OCI or docker.
 *
 * @throws ProtocolError MANIFEST_INVALID for anything else, or when it calls itself something other than `contentType`
 */
export function readManifest(bytes: Uint8Array, contentType: string): ManifestDocument {
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const json = parseObject(bytes);
  if (json.schemaVersion !== 2) throw invalid("schemaVersion is not 2");
  if ((json.mediaType ?? mediaType) !== mediaType) throw invalid("mediaType is not the Content-Type");
  return { mediaType, ...readContent(json, mediaType), ...readRelations(json) };
}

function parseObject(bytes: Uint8Array): Json {
  try {
    return requireObject(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), "manifest");
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw invalid("not JSON in UTF-8");
    throw error;
  }
}

function readContent(json: Json, mediaType: string): Pick<ManifestDocument, "blobs" | "manifests"> {
  if (indexTypes.has(mediaType)) {
    return { blobs: [], manifests: readDescriptors(json.manifests, "manifests").map(digestIn) };
  }
  if (!imageTypes.has(mediaType)) throw invalid(`unsupported Content-Type ${JSON.stringify(mediaType)}`);
  const layers = readDescriptors(json.layers, "layers").filter((layer) => !isForeign(layer));
  return { blobs: [readDescriptor(json.config, "config"), ...layers].map(digestIn), manifests: [] };
}

function readRelations(json: Json): Pick<ManifestDocument, "annotations" | "artifactType" | "subject"> {
  const configType = isObject(json.config) ? json.config.mediaType : undefined;
  const artifactType = json.artifactType || configType;
  return {
    subject: json.subject === undefined ? undefined : digestIn(readDescriptor(json.subject, "subject")),
    artifactType: typeof artifactType === "string" ? artifactType : undefined,
    annotations: json.annotations,
  };
}

function readDescriptors(value: unknown, field: string): readonly Json[] {
  if (!Array.isArray(value)) throw invalid(`${field} is not a list`);
  return value.map((item, index) => readDescriptor(item, `${field}[${index}]`));
}

function readDescriptor(value: unknown, field: string): Json {
  const descriptor = requireObject(value, field);
  if (typeof descriptor.mediaType !== "string") throw invalid(`${field} has no mediaType`);
  if (!isSize(descriptor.size)) throw invalid(`${field} has no size`);
  if (typeof descriptor.digest !== "string" || !isDigest(descriptor.digest)) {
    throw new ProtocolError("DIGEST_INVALID", { message: `${field} has no digest that this registry knows` });
  }
  return descriptor;
}

/** Layers that clients fetch from elsewhere and need not push. */
function isForeign({ mediaType, urls }: Json): boolean {
  return (Array.isArray(urls) && urls.length > 0) || /nondistributable|foreign/.test(String(mediaType));
}

function digestIn(descriptor: Json): string {
  return String(descriptor.digest);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireObject(value: unknown, field: string): Json {
  if (isObject(value)) return value;
  throw invalid(`${field} is not an object`);
}

function invalid(message: string): ProtocolError {
  return new ProtocolError("MANIFEST_INVALID", { message });
}
