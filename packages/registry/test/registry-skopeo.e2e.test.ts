import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ensureSystemPackages, findProgram } from "@imagespec/test-services";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import {
  createCertificateAuthority,
  putImage,
  type RegistryOptions,
  startRegistry,
  type TestRegistry,
} from "../src/testing/index.ts";

beforeAll(() => ensureSystemPackages(["skopeo"]));

const run = promisify(execFile);

async function skopeo(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(findProgram("skopeo") ?? "", ["--insecure-policy", ...args]);
  return stdout;
}

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "imagespec-skopeo-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

async function start(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  onTestFinished(() => registry.close());
  return registry;
}

/** An OCI layout with one image, whose layer is an empty archive. */
async function layout(): Promise<string> {
  const folder = await directory();
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  const put = async (mediaType: string, content: Uint8Array | string): Promise<object> => {
    const hex = createHash("sha256").update(content).digest("hex");
    await writeFile(join(folder, "blobs", "sha256", hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  };
  const archive = Buffer.alloc(1024);
  const diffId = `sha256:${createHash("sha256").update(archive).digest("hex")}`;
  const rootfs = { type: "layers", diff_ids: [diffId] };
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Labels: { a: "b" } },
    rootfs,
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const image = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: await put("application/vnd.oci.image.config.v1+json", config),
    layers: [await put("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(archive))],
  });
  const annotations = { "org.opencontainers.image.ref.name": "v1" };
  const manifests = [{ ...(await put(mediaType, image)), annotations }];
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return folder;
}

test("an image goes in, is seen, comes out and is deleted", async () => {
  const registry = await start();
  const reference = `docker://${registry.host}/org/app:v1`;
  const [source, target] = [await layout(), await directory()];
  await skopeo("copy", "--dest-tls-verify=false", `oci:${source}:v1`, reference);
  const seen = JSON.parse(await skopeo("inspect", "--tls-verify=false", reference)) as Record<
    string,
    unknown
  >;
  expect(seen).toMatchObject({ Name: `${registry.host}/org/app`, RepoTags: ["v1"], Labels: { a: "b" } });
  await skopeo("copy", "--src-tls-verify=false", reference, `oci:${target}:v1`);
  const digests = async (folder: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, "index.json"), "utf8"));
  expect(await digests(target)).toMatchObject({ manifests: [{ digest: seen.Digest }] });
  expect(JSON.stringify(await digests(source))).toContain(String(seen.Digest));
  await skopeo("delete", "--tls-verify=false", reference);
  expect(registry.tags("org/app")).toEqual([]);
  await expect(skopeo("inspect", "--tls-verify=false", reference)).rejects.toThrow(/manifest unknown/);
});

test("an image of several platforms is copied from one repository to another", async () => {
  const registry = await start();
  const image = putImage(registry, "org/base", { tags: ["v1"], platforms: ["linux/amd64", "linux/arm64"] });
  const [source, target] = [`docker://${registry.host}/org/base:v1`, `docker://${registry.host}/org/copy:v2`];
  await skopeo("copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", source, target);
  expect(registry.manifest("org/copy", image.digest)).toEqual(registry.manifest("org/copy", "v2"));
  const platform = ["--override-arch", "arm64", "--override-os", "linux"];
  const arm = JSON.parse(await skopeo(...platform, "inspect", "--tls-verify=false", target)) as Record<
    string,
    unknown
  >;
  expect(arm).toMatchObject({ Architecture: "arm64", Os: "linux" });
});

test.each(["opaque", "signed"] as const)("a login by %s tokens", async (tokens) => {
  const registry = await start({ auth: { kind: "bearer", users: { alice: "s3cret" }, tokens } });
  const file = join(await directory(), "auth.json");
  const auth = Buffer.from("alice:s3cret").toString("base64");
  await writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth } } }), { mode: 0o600 });
  const reference = `docker://${registry.host}/org/app:v1`;
  await skopeo("copy", "--dest-tls-verify=false", "--authfile", file, `oci:${await layout()}:v1`, reference);
  expect(registry.tags("org/app")).toEqual(["v1"]);
  await skopeo("delete", "--tls-verify=false", "--authfile", file, reference);
  await expect(skopeo("inspect", "--tls-verify=false", "--no-creds", reference)).rejects.toThrow(
    /unauthorized/,
  );
});

test("a login by password, over https with a private authority and a client certificate", async () => {
  const clients = createCertificateAuthority({ name: "clients" });
  const registry = await start({
    auth: { kind: "basic", users: { alice: "s3cret" } },
    tls: { clientAuthority: clients.certificate },
  });
  const certificates = await directory();
  const { certificate, key } = clients.issue({ name: "alice", purpose: "client" });
  await writeFile(join(certificates, "ca.crt"), registry.certificateAuthority ?? "");
  await writeFile(join(certificates, "client.cert"), certificate);
  await writeFile(join(certificates, "client.key"), key);
  const file = join(await directory(), "auth.json");
  const auth = Buffer.from("alice:s3cret").toString("base64");
  await writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth } } }), { mode: 0o600 });
  putImage(registry, "org/app", { tags: ["v1"] });
  const reference = `docker://${registry.host}/org/app:v1`;
  const inspect = ["inspect", "--authfile", file, "--raw"];
  expect(await skopeo(...inspect, "--cert-dir", certificates, reference)).toContain('"schemaVersion":2');
  await rm(join(certificates, "client.cert"));
  await rm(join(certificates, "client.key"));
  await expect(skopeo(...inspect, "--cert-dir", certificates, reference)).rejects.toThrow(/certificate/);
});
