import { digestOf } from "../../src/testing/index.ts";
import { MEDIA_TYPES } from "../../src/testing/store/manifest-document.ts";
import { describe, type Manifest } from "../../src/testing/test-support/manifests.ts";

const { ociImage, ociIndex, dockerImage } = MEDIA_TYPES;

export const octets = { "content-type": "application/octet-stream" } as const;
export const accept: Readonly<{ headers: Record<string, string> }> = {
  headers: { accept: `${ociImage}, ${ociIndex}, ${dockerImage}` },
};
export const config: string = JSON.stringify({
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: [] },
});
const layer = "layer-bytes";
export const configDigest: string = digestOf(config);
export const layerDigest: string = digestOf(layer);
export const blob: string = `/v2/a/b/blobs/${layerDigest}`;

export function image(fields: Manifest = {}): string {
  const own = describe("application/vnd.oci.image.config.v1+json", config);
  const layers = [describe("application/vnd.oci.image.layer.v1.tar", layer)];
  return JSON.stringify({ schemaVersion: 2, mediaType: ociImage, config: own, layers, ...fields });
}

export function indexOf(manifest: string): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: [describe(ociImage, manifest)] });
}

export const manifest: string = image();
export const digest: string = digestOf(manifest);
