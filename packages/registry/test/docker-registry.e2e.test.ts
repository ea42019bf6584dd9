import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createCertificateAuthority,
  type DockerRegistry,
  type DockerRegistryOptions,
  ensureSystemPackages,
  findProgram,
  publishImage,
  startDockerRegistry,
  startTokenServer,
} from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RegistryClient, type RegistryClientOptions, registryClient } from "../src/index.ts";

let source: DockerRegistry;
let digests: Readonly<Record<"single" | "multi", string>>;

beforeAll(async () => {
  source = await startDockerRegistry();
  digests = {
    single: await publishImage(source.url, "org/app", { tags: ["single"] }),
    multi: await publishImage(source.url, "org/app", {
      tags: ["multi"],
      platforms: ["linux/amd64", "linux/arm64/v8"],
    }),
  };
});

afterAll(() => source.stop());

/** A registry that holds the same images. */
async function start(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const registry = await startDockerRegistry({ contents: join(source.directory, "storage"), ...options });
  onTestFinished(() => registry.stop());
  return registry;
}

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "imagespec-home-"));
  onTestFinished(() => rm(home, { recursive: true }));
  return home;
}

/** A client with a home of its own, which may hold logins of docker's. */
async function clientWith(options: RegistryClientOptions = {}, auths: object = {}): Promise<RegistryClient> {
  const homeDirectory = await temporaryHome();
  await mkdir(join(homeDirectory, ".docker"));
  await writeFile(join(homeDirectory, ".docker/config.json"), JSON.stringify({ auths }));
  const client = registryClient({ environment: {}, homeDirectory, ...options });
  onTestFinished(() => client.close());
  return client;
}

function loginFor(host: string, login: string): object {
  return { [host]: { auth: Buffer.from(login).toString("base64") } };
}

/** What every registry that lets us in has to answer. */
async function expectTheTruth(client: RegistryClient, host: string): Promise<void> {
  const both = { platforms: ["linux/amd64", "linux/aarch64"] };
  expect(await client.exists(`${host}/org/app:single`)).toMatchObject({
    verdict: "present",
    image: { digest: digests.single },
  });
  expect(await client.exists(`${host}/org/app@${digests.multi}`)).toMatchObject({ verdict: "present" });
  expect(await client.exists(`${host}/org/app:multi`, both)).toMatchObject({
    verdict: "present",
    image: { digest: digests.multi, platforms: [{ platform: "linux/amd64" }, { platform: "linux/arm64" }] },
  });
  expect(await client.exists(`${host}/org/app:single`, both)).toMatchObject({
    verdict: "absent",
    missingPlatforms: ["linux/arm64"],
  });
  expect(await client.exists(`${host}/org/app:none`)).toMatchObject({ verdict: "absent" });
  expect(await client.exists(`${host}/org/none:single`)).toMatchObject({ verdict: "absent" });
  expect(await client.checkPush(`${host}/org/app`)).toMatchObject({ verdict: "allowed" });
  expect(
    await client.verifyPush(`${host}/org/app:single`, { digest: digests.single, platforms: ["linux/amd64"] }),
  ).toMatchObject({ verdict: "verified" });
  expect(await client.imageConfig(`${host}/org/app:multi`, "linux/arm64")).toMatchObject({
    architecture: "arm64",
    env: { A: "b" },
  });
}

describe("Debian's docker-registry", () => {
  it("without a login", async () => {
    const client = await clientWith();
    await expectTheTruth(client, source.host);
    expect(await client.checkPublic(`${source.host}/org/app:single`)).toMatchObject({ verdict: "public" });
  });

  it("with passwords (htpasswd)", async () => {
    const { host } = await start({ users: { alice: "s3cret:with:colons" } });
    await expectTheTruth(await clientWith({}, loginFor(host, "alice:s3cret:with:colons")), host);
    const stranger = await clientWith();
    expect(await stranger.exists(`${host}/org/app:single`)).toMatchObject({
      verdict: "unknown",
      reason: "auth-required-or-absent",
    });
    expect(await stranger.checkPush(`${host}/org/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_LOGIN",
    });
    const wrong = await clientWith({}, loginFor(host, "alice:wrong"));
    expect(await wrong.exists(`${host}/org/app:single`)).toMatchObject({ reason: "bad-credentials" });
    const known = await clientWith({}, loginFor(host, "alice:s3cret:with:colons"));
    expect(await known.checkPublic(`${host}/org/app:single`)).toMatchObject({ verdict: "private" });
  });

  it("with signed tokens", async () => {
    const tokenServer = await startTokenServer({
      users: { alice: "s3cret", reader: "only" },
      allow: (user) => (user === "alice" ? ["pull", "push"] : user === "reader" ? ["pull"] : []),
    });
    onTestFinished(() => tokenServer.stop());
    const { host } = await start({ tokenServer });
    await expectTheTruth(await clientWith({}, loginFor(host, "alice:s3cret")), host);
    expect(tokenServer.requests.map(({ scopes }) => scopes[0])).toContain("repository:org/app:pull,push");

    const reader = await clientWith({}, loginFor(host, "reader:only"));
    expect(await reader.exists(`${host}/org/app:single`)).toMatchObject({ verdict: "present" });
    expect(await reader.checkPush(`${host}/org/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_PUSH_DENIED",
    });
    const stranger = await clientWith();
    expect(await stranger.exists(`${host}/org/app:single`)).toMatchObject({
      reason: "auth-required-or-absent",
    });
    expect(await stranger.checkPush(`${host}/org/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_LOGIN",
    });
    const wrong = await clientWith({}, loginFor(host, "alice:wrong"));
    expect(await wrong.exists(`${host}/org/app:single`)).toMatchObject({ reason: "bad-credentials" });
    expect(await wrong.checkPush(`${host}/org/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_LOGIN",
    });
  });

  it.each([false, true])("over TLS with a private authority (HTTP/2: %s)", async (manyRequests) => {
    const authority = await createCertificateAuthority(join(await temporaryHome(), "ca"));
    const { host, ca } = await start({ tls: { authority } });
    await expectTheTruth(await clientWith({ manyRequests, registries: { [host]: { ca } } }), host);
    await expectTheTruth(
      await clientWith({ manyRequests, registries: { [host]: { ca: authority.certificateFile } } }),
      host,
    );
    const trusting = await clientWith({ manyRequests });
    expect(await trusting.exists(`${host}/org/app:single`)).toMatchObject({
      verdict: "unknown",
      reason: "tls",
    });
  });

  it("with client certificates, from certs.d", async () => {
    const home = await temporaryHome();
    const authority = await createCertificateAuthority(join(home, "ca"));
    const { certificateFile, keyFile } = await authority.issue("client");
    const { host } = await start({ tls: { authority, clientCertificates: true } });
    const folder = join(home, ".config/containers/certs.d", host);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "ca.crt"), await readFile(authority.certificateFile));
    const without = registryClient({ environment: {}, homeDirectory: home });
    onTestFinished(() => without.close());
    expect(await without.exists(`${host}/org/app:single`)).toMatchObject({
      verdict: "unknown",
      reason: "tls",
    });
    await writeFile(join(folder, "client.cert"), await readFile(certificateFile));
    await writeFile(join(folder, "client.key"), await readFile(keyFile));
    const client = registryClient({ environment: {}, homeDirectory: home });
    onTestFinished(() => client.close());
    await expectTheTruth(client, host);
  });

  it("a pull-through cache whose upstream is down answers 404, which proves nothing", async () => {
    const upstream = await start({});
    const cache = await startDockerRegistry({ proxy: upstream.url });
    onTestFinished(() => cache.stop());
    const asMirror = { registries: { [upstream.host]: { mirrors: [`http://${cache.host}`] } } };
    expect(await (await clientWith(asMirror)).exists(`${upstream.host}/org/app:single`)).toMatchObject({
      verdict: "present",
    });
    await upstream.kill();
    const client = await clientWith(asMirror);
    expect(await client.exists(`${upstream.host}/org/app:multi`)).toMatchObject({
      verdict: "unknown",
      reason: "mirror-miss",
    });
    const marked = await clientWith({ registries: { [cache.host]: { pullThrough: true } } });
    expect(await marked.exists(`${cache.host}/org/app:multi`)).toMatchObject({
      verdict: "unknown",
      reason: "mirror-miss",
    });
    expect(await marked.checkPush(`${cache.host}/org/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_READ_ONLY",
    });
  });

  it("killed between two questions: unknown", async () => {
    const registry = await start({});
    const client = await clientWith({ limits: { remember: 0 } });
    expect(await client.exists(`${registry.host}/org/app:single`)).toMatchObject({ verdict: "present" });
    await registry.kill();
    expect(await client.exists(`${registry.host}/org/app:single`)).toMatchObject({
      verdict: "unknown",
      reason: "refused",
    });
  });
});

describe("beside skopeo", () => {
  type Ran = Readonly<{ code: number; stdout: string; stderr: string }>;

  async function skopeo(...words: readonly string[]): Promise<Ran> {
    await ensureSystemPackages(["skopeo"]);
    return new Promise((resolve) => {
      execFile(findProgram("skopeo") ?? "", words, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, stdout, stderr }),
      );
    });
  }

  it.each(["org/app:single", "org/app:multi", "org/app:none", "org/none:single"])("%s", async (name) => {
    const reference = `${source.host}/${name}`;
    const theirs = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${reference}`);
    const ours = await (await clientWith()).exists(reference);
    const digest = `sha256:${createHash("sha256").update(theirs.stdout).digest("hex")}`;
    expect(ours).toMatchObject(
      theirs.code === 0 ? { verdict: "present", image: { digest } } : { verdict: "absent" },
    );
    expect(theirs.stderr).toMatch(name.includes("none") ? /(manifest|name) unknown/ : /^$/);
  });
});
