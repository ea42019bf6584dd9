import { gzipSync } from "node:zlib";
import { digestOf } from "./store/digest.ts";
import { MEDIA_TYPES } from "./store/manifest-document.ts";
import type { TestRegistry } from "./test-registry.ts";

/** The image to make; each field may be left out. */
export type ImageContent = Readonly<{
  tags?: readonly string[];
  /** As `linux/amd64` or `linux/arm/v7`. Several make an index. Default: `linux/amd64` alone, without an index. */
  platforms?: readonly string[];
  /** Fields of the image's `config`: `Env`, `Labels`, `User` … */
  config?: Readonly<Record<string, unknown>>;
  /** The layers' archives, not yet compressed. Default: one that is empty. */
  layers?: readonly Uint8Array[];
  /** Whose media types. Default `oci`. */
  format?: "docker" | "oci";
  /** Puts a single platform into an index too. */
  index?: boolean;
}>;

/** What the registry now holds of it. */
export type StoredImage = Readonly<{
  /** Of what the tags point at. */
  digest: string;
  platforms: readonly Readonly<{ platform: string; digest: string }>[];
}>;

type Format = Readonly<{ image: string; index: string; config: string; layer: string }>;

const formats: Readonly<Record<"docker" | "oci", Format>> = {
  oci: {
    image: MEDIA_TYPES.ociImage,
    index: MEDIA_TYPES.ociIndex,
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    image: MEDIA_TYPES.dockerImage,
    index: MEDIA_TYPES.dockerList,
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
};

const emptyArchive = Buffer.alloc(1024);

/** Stores an image without a request, that engines can pull. */
export function putImage(
  registry: TestRegistry,
  repository: string,
  content: ImageContent = {},
): StoredImage {
  const { tags = [], platforms = ["linux/amd64"], index = platforms.length > 1 } = content;
  const target = { registry, repository, content, format: formats[content.format ?? "oci"] };
  const images = platforms.map((platform) => putPlatform(target, platform, index ? [] : tags));
  const stored = images.map(({ platform, digest }) => ({ platform, digest }));
  const digest = index ? putIndex(target, images, tags) : (stored[0]?.digest ?? "");
  return { digest, platforms: stored };
}

type Target = Readonly<{ registry: TestRegistry; repository: string; content: ImageContent; format: Format }>;
type PlatformImage = Readonly<{ platform: string; digest: string; size: number }>;

function putPlatform(target: Target, platform: string, tags: readonly string[]): PlatformImage {
  const { registry, repository, content, format } = target;
  const { layers: archives = [emptyArchive] } = content;
  const layers = archives.map((archive) => putBlob(target, format.layer, gzipSync(archive)));
  const rootfs = { type: "layers", diff_ids: archives.map((archive) => digestOf(archive)) };
  const config = JSON.stringify({ ...platformFields(platform), config: content.config ?? {}, rootfs });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: format.image,
    config: putBlob(target, format.config, config),
    layers,
  });
  return { platform, digest: registry.putManifest(repository, { manifest, tags }), size: manifest.length };
}

type Descriptor = Readonly<{ mediaType: string; digest: string; size: number }>;

function putBlob({ registry, repository }: Target, mediaType: string, blob: Uint8Array | string): Descriptor {
  return { mediaType, digest: registry.putBlob(repository, blob), size: Buffer.byteLength(blob) };
}

function putIndex(target: Target, images: readonly PlatformImage[], tags: readonly string[]): string {
  const { registry, repository, format } = target;
  const manifests = images.map(({ platform, digest, size }) => {
    return { mediaType: format.image, digest, size, platform: platformFields(platform) };
  });
  const manifest = { schemaVersion: 2, mediaType: format.index, manifests };
  return registry.putManifest(repository, { manifest, tags });
}

function platformFields(platform: string): Readonly<Record<string, string>> {
  const [os = "", architecture = "", variant] = platform.split("/");
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
