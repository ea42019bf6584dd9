import { digestOf } from "../store/digest.ts";
import { MEDIA_TYPES } from "../store/manifest-document.ts";
import type { TestRegistry } from "../test-registry.ts";

export type Manifest = Readonly<Record<string, unknown>>;

const configType = "application/vnd.oci.image.config.v1+json";

export function describe(mediaType: string, content: string): Manifest {
  return { mediaType, digest: digestOf(content), size: content.length };
}

/** An image whose config and layer are in the repository; `fields` go over its own. */
export function imageIn(registry: TestRegistry, repository: string, fields: Manifest = {}): Manifest {
  for (const blob of ["{}", "layer"]) registry.putBlob(repository, blob);
  const layers = [describe("application/vnd.oci.image.layer.v1.tar", "layer")];
  const config = describe(configType, "{}");
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociImage, config, layers, ...fields };
}

/** The request that pushes it. */
export function pushOf(
  manifest: Manifest | string,
  mediaType: string = MEDIA_TYPES.ociImage,
): {
  headers: Record<string, string>;
  body: string;
} {
  const body = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  return { headers: { "content-type": mediaType }, body };
}
