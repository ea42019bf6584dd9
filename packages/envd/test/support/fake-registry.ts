import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The part of a config that envd reads. */
export type FakeConfig = Readonly<{ Env?: readonly string[]; User?: string; WorkingDir?: string }>;

export type FakeRegistry = Readonly<{
  host: string;
  /** What the image of this name and tag says of itself; every other one is empty. */
  set(name: string, config: FakeConfig): void;
  stop(): Promise<void>;
}>;

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

function imageOf(config: FakeConfig): readonly [config: string, manifest: string] {
  const rootfs = { type: "layers", diff_ids: [] };
  const text = JSON.stringify({ architecture: "amd64", os: "linux", config, rootfs });
  const mediaType = "application/vnd.oci.image.config.v1+json";
  const descriptor = { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
  return [
    text,
    JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: descriptor, layers: [] }),
  ];
}

/** A registry that has every image anybody asks for, with no layer: enough for envd to compile a graph on. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const blobs = new Map<string, string>();
  const configs = new Map<string, FakeConfig>();
  const server = createServer((request, response) => {
    const [, name, kind, rest = ""] = /\/v2\/(.+)\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? "") ?? [];
    let body = blobs.get(rest) ?? "{}";
    if (kind === "manifests") {
      const [config, manifest] = imageOf(configs.get(`${name}:${rest}`) ?? {});
      blobs.set(digestOf(config), config);
      body = manifest;
    }
    const type = kind === "manifests" ? manifestType : "application/octet-stream";
    response.setHeader("content-type", type).setHeader("docker-content-digest", digestOf(body));
    response.setHeader("content-length", Buffer.byteLength(body));
    response.end(request.method === "HEAD" ? undefined : body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { host, set: (name, config) => configs.set(name, config), stop };
}
