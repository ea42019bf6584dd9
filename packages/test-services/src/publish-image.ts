import { createHash } from "node:crypto";

export type PublishedImage = Readonly<{
  tags: readonly string[];
  /** Several make an index. Default: `linux/amd64`. */
  platforms?: readonly string[];
  /** Of each of them. Default: none. */
  labels?: Readonly<Record<string, string>>;
}>;

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
  { tags, platforms = ["linux/amd64"], labels = {} }: PublishedImage,
): Promise<string> {
  const base = `${url}/v2/${repository}`;
  const images = platforms.map((platform) => platformFields(platform));
  const manifests = await Promise.all(images.map((fields) => imageManifest(base, fields, labels)));
  const [single] = manifests;
  if (manifests.length === 1 && single !== undefined) return tagManifest(base, single, tags);
  const children = manifests.map(async (manifest, index) => {
    return { ...(await putManifest(base, manifest)), platform: images[index] };
  });
  const index = { schemaVersion: 2, mediaType: types.index, manifests: await Promise.all(children) };
  return tagManifest(base, index, tags);
}

type Manifest = Readonly<Record<string, unknown> & { mediaType: string }>;

async function imageManifest(
  base: string,
  fields: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): Promise<Manifest> {
  const config = {
    ...fields,
    config: { Env: ["A=b"], Labels: labels },
    rootfs: { type: "layers", diff_ids: [] },
  };
  return { schemaVersion: 2, mediaType: types.manifest, config: await putBlob(base, config), layers: [] };
}

async function tagManifest(base: string, manifest: Manifest, tags: readonly string[]): Promise<string> {
  for (const tag of tags) await putManifest(base, manifest, tag);
  return describe(manifest.mediaType, manifest).descriptor.digest;
}

function platformFields(platform: string): Readonly<Record<string, string>> {
  const [os = "", architecture = "", variant] = platform.split("/");
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

async function putBlob(base: string, content: object): Promise<Descriptor> {
  const blob = describe(types.config, content);
  const opened = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  const target = new URL(opened.headers.get("location") ?? "", base);
  target.searchParams.set("digest", blob.descriptor.digest);
  await put(target, "application/octet-stream", blob.body);
  return blob.descriptor;
}

async function putManifest(base: string, manifest: Manifest, tag?: string): Promise<Descriptor> {
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
