import { type Credential, type Existence, parseImageReference } from "@imagespec/core";

const accept = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/** Asks a registry on loopback, by plain http, what it has. */
export function inspectWith(login?: Extract<Credential, { kind: "basic" }>) {
  return async (name: string): Promise<Existence> => {
    const { host, repository, tag, digest } = parseImageReference(name);
    const authorization =
      login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    const response = await fetch(`http://${host}/v2/${repository}/manifests/${digest ?? tag}`, {
      method: "HEAD",
      headers: { accept, ...(authorization && { authorization }) },
    });
    if (response.status === 404) return { verdict: "absent" };
    if (!response.ok) return { verdict: "unknown", reason: `status ${response.status}` };
    return {
      verdict: "present",
      image: { reference: name, digest: response.headers.get("docker-content-digest") ?? undefined },
    };
  };
}

export type Manifest = Readonly<{
  config?: Readonly<{ digest: string }>;
  layers?: readonly Readonly<{ digest: string; annotations?: Readonly<Record<string, string>> }>[];
  /** Of an index. */
  manifests?: readonly Readonly<{ digest: string; annotations?: Readonly<Record<string, string>> }>[];
}>;

/** The manifest or index that a registry on loopback has. */
export async function readManifest(name: string): Promise<Manifest> {
  const { host, repository, tag, digest } = parseImageReference(name);
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${digest ?? tag}`, {
    headers: { accept },
  });
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  return (await response.json()) as Manifest;
}

/** The digests of an image's layers; of the first image of an index. */
export async function readLayers(name: string): Promise<readonly string[]> {
  const { layers, manifests } = await readManifest(name);
  const [first] = manifests ?? [];
  if (first !== undefined) return readLayers(`${name.replace(/:[^:/]*$/, "")}@${first.digest}`);
  return (layers ?? []).map(({ digest }) => digest);
}

export type ImageConfig = Readonly<{
  os: string;
  architecture: string;
  config: Readonly<{ Env: readonly string[] }>;
}>;

/** The configuration of an image that a registry on loopback has. */
export async function readConfig(name: string): Promise<ImageConfig> {
  const { host, repository } = parseImageReference(name);
  const { config } = await readManifest(name);
  const response = await fetch(`http://${host}/v2/${repository}/blobs/${config?.digest}`);
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  return (await response.json()) as ImageConfig;
}
