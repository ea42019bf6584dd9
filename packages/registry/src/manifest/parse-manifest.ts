import { createHash } from "node:crypto";
import { isDigest, type Platform } from "@imagespec/core";
import { isManifestType, OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";

/** A descriptor of the OCI image spec, as far as it is needed here. */
export type Descriptor = Readonly<{
  mediaType: string;
  digest: string;
  platform: Platform | undefined;
  annotations: Readonly<Record<string, unknown>>;
}>;

export type Manifest = Readonly<
  | { kind: "index"; mediaType: string; children: readonly Descriptor[] }
  | { kind: "image"; mediaType: string; config: Descriptor }
  /** Of before 2016. Its digest is not that of its bytes, which hold signatures. */
  | { kind: "schema1"; mediaType: string; platform: Platform | undefined }
>;

type Fields = Readonly<Record<string, unknown>>;

/** The manifest or index in a body; undefined where it is neither. The media type within counts before the header's. */
export function parseManifest(body: Uint8Array, contentType: string): Manifest | undefined {
  const fields = parseFields(body);
  if (fields?.schemaVersion === 1) return legacyManifest(fields, contentType);
  if (fields?.schemaVersion !== 2) return undefined;
  const stated = [fields.mediaType, contentType].find(
    (type) => typeof type === "string" && isManifestType(type),
  );
  if (Array.isArray(fields.manifests)) {
    const mediaType = typeof stated === "string" ? stated : OCI_INDEX;
    return { kind: "index", mediaType, children: fields.manifests.flatMap(descriptorOf) };
  }
  const [config] = descriptorOf(fields.config);
  if (config === undefined) return undefined;
  return { kind: "image", mediaType: typeof stated === "string" ? stated : OCI_MANIFEST, config };
}

function legacyManifest(fields: Fields, mediaType: string): Manifest | undefined {
  if (!Array.isArray(fields.fsLayers)) return undefined;
  return { kind: "schema1", mediaType, platform: platformFields({ os: "linux", ...fields }) };
}

/** The fields of a JSON object; undefined for any other text. */
export function parseFields(body: Uint8Array): Fields | undefined {
  try {
    return asFields(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function descriptorOf(value: unknown): Descriptor[] {
  const fields = asFields(value);
  const { digest, mediaType } = fields ?? {};
  if (typeof digest !== "string" || !isDigest(digest)) return [];
  return [
    {
      digest,
      mediaType: typeof mediaType === "string" ? mediaType : "",
      platform: platformFields(fields?.platform),
      annotations: asFields(fields?.annotations) ?? {},
    },
  ];
}

/** The platform that a descriptor or an image's config names; undefined where it names none. */
export function platformFields(value: unknown): Platform | undefined {
  const { os, architecture, variant } = asFields(value) ?? {};
  if (typeof os !== "string" || typeof architecture !== "string" || os === "" || architecture === "")
    return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" ? { variant } : {}) };
}

/** The digest of bytes, by the algorithm of another digest or sha256. */
export function digestOf(body: Uint8Array, like = "sha256:"): string {
  const algorithm = like.slice(0, like.indexOf(":"));
  return `${algorithm}:${createHash(algorithm).update(body).digest("hex")}`;
}
