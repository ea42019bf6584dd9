import { createHash } from "node:crypto";

export type PublishedImage = Readonly<{ tag: string; platforms: readonly string[] }>;

type Descriptor = Readonly<{ mediaType: string; digest: string; size: number }>;

const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
};

/** Pushes an image without layers, or an index of them, to a registry without a login. Returns its digest. */
export async function publishImage(
  url: string,
  repository: string,
  { tag, platforms }: PublishedImage,
): Promise<string> {
  const base = `${url}/v2/${repository}`;
  const single = platforms.length === 1;
  const images = await Promise.all(
    platforms.map(async (platform) => {
      const [os, architecture, variant] = platform.split("/");
      const fields = { os, architecture, ...(variant === undefined ? {} : { variant }) };
      const config = { ...fields, config: { Env: ["A=b"] }, rootfs: { type: "layers", diff_ids: [] } };
      const manifest = {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: await putBlob(base, config),
        layers: [],
      };
      return { ...(await putManifest(base, manifest, single ? tag : undefined)), platform: fields };
    }),
  );
  if (single) return images[0]?.digest ?? "";
  return (await putManifest(base, { schemaVersion: 2, mediaType: types.index, manifests: images }, tag))
    .digest;
}

async function putBlob(base: string, content: object): Promise<Descriptor> {
  const blob = describe(types.config, content);
  const opened = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  const target = new URL(opened.headers.get("location") ?? "", base);
  target.searchParams.set("digest", blob.descriptor.digest);
  await put(target, "application/octet-stream", blob.body);
  return blob.descriptor;
}

async function putManifest(
  base: string,
  manifest: Readonly<Record<string, unknown> & { mediaType: string }>,
  tag: string | undefined,
): Promise<Descriptor> {
  const { body, descriptor } = describe(manifest.mediaType, manifest);
  await put(new URL(`${base}/manifests/${tag ?? descriptor.digest}`), manifest.mediaType, body);
  return descriptor;
}

function describe(mediaType: string, content: object): Readonly<{ body: string; descriptor: Descriptor }> {
  const body = JSON.stringify(content);
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  return { body, descriptor: { mediaType, digest, size: Buffer.byteLength(body) } };
}

async function put(target: URL, type: string, body: string): Promise<void> {
  const answer = await fetch(target, { method: "PUT", body, headers: { "content-type": type } });
  if (answer.status !== 201)
    throw new Error(`PUT ${target.pathname}: ${answer.status} ${await answer.text()}`);
}
