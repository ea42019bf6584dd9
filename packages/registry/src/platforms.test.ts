import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Existence } from "@imagespec/core";
import { describe, expect, it } from "vitest";
import { plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";
import { putImage, type TestRegistry } from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

type Child = Readonly<Record<string, unknown>>;

function putIndex(registry: TestRegistry, manifests: readonly Child[], tags: readonly string[] = []): Child {
  const index = {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: manifests.map((child) => ({ size: 1, ...child })),
  };
  return { mediaType: INDEX, digest: registry.putManifest("app", { manifest: index, tags }) };
}

function putSingle(registry: TestRegistry, platform: string): Child {
  return { mediaType: MANIFEST, digest: putImage(registry, "app", { platforms: [platform] }).digest };
}

function platformsOf(existence: Existence): readonly string[] | undefined {
  return existence.verdict === "present"
    ? existence.image.platforms?.map(({ platform }) => platform)
    : undefined;
}

async function ask(registry: TestRegistry, platforms: readonly string[], tag = "v1"): Promise<Existence> {
  return privateClient().exists(`${registry.host}/app:${tag}`, { platforms });
}

describe("platforms", () => {
  it.each(["oci", "docker"] as const)("of an index (%s)", async (format) => {
    const { registry } = await running();
    const { digest, platforms } = putImage(registry, "app", {
      tags: ["v1"],
      platforms: ["linux/amd64", "linux/arm64", "linux/arm/v7"],
      format,
    });
    expect(await ask(registry, ["linux/x86_64", "linux/arm64/v8", "linux/arm"])).toMatchObject({
      verdict: "present",
      image: { digest, platforms },
    });
  });

  it("there, but without one: absent, with what is missing", async () => {
    const { registry } = await running();
    const { digest } = putImage(registry, "app", {
      tags: ["v1"],
      platforms: ["linux/amd64", "linux/arm/v7"],
    });
    expect(await ask(registry, ["linux/amd64", "linux/aarch64", "linux/arm64"])).toEqual({
      verdict: "absent",
      missingPlatforms: ["linux/arm64"],
      detail: `${digest} is there, without linux/arm64`,
    });
  });

  it("of a single manifest, by its config, which may lie elsewhere", async () => {
    const { registry } = await running({ auth: { kind: "basic", users: { me: "pw" } } });
    putImage(registry, "app", { tags: ["v1"], platforms: ["linux/arm64/v8"] });
    const storage = await plainServer(({ url = "" }, response) =>
      response.end(registry.blob("app", url.slice(1))),
    );
    const client = privateClient({ credentials: basic("me", "pw") });
    const config = JSON.parse(Buffer.from(registry.manifest("app", "v1") ?? "").toString()).config.digest;
    registry.addFault({ fault: { kind: "redirect", location: `${storage.url}/${config}` }, path: /blobs/ });
    expect(
      platformsOf(await client.exists(`${registry.host}/app:v1`, { platforms: ["linux/arm64"] })),
    ).toEqual(["linux/arm64"]);
    expect(storage.requests).toEqual([{ line: `GET /${config}`, authorization: undefined, body: "" }]);
  });

  it("of indexes in indexes, without attestations, by config where a child names none", async () => {
    const { registry } = await running({ sparseManifests: true });
    const inner = putIndex(registry, [
      { ...putSingle(registry, "linux/arm64"), platform: { os: "linux", architecture: "aarch64" } },
    ]);
    const unknownPlatform = { os: "unknown", architecture: "unknown" };
    putIndex(
      registry,
      [
        putSingle(registry, "linux/amd64"),
        inner,
        { ...putSingle(registry, "linux/s390x"), platform: unknownPlatform },
        {
          ...putSingle(registry, "linux/ppc64le"),
          platform: { os: "linux", architecture: "ppc64le" },
          annotations: { "vnd.docker.reference.type": "attestation-manifest" },
        },
      ],
      ["v1"],
    );
    expect(platformsOf(await ask(registry, ["linux/amd64"]))).toEqual(["linux/amd64", "linux/arm64"]);
    expect(await ask(registry, ["linux/s390x"])).toMatchObject({ missingPlatforms: ["linux/s390x"] });
  });

  it("of indexes nested four deep, and no deeper", async () => {
    const { registry } = await running();
    let node = putSingle(registry, "linux/amd64");
    for (const tag of ["d1", "d2", "d3", "d4", "d5"]) node = putIndex(registry, [node], [tag]);
    expect(platformsOf(await ask(registry, ["linux/amd64"], "d4"))).toEqual(["linux/amd64"]);
    expect(await ask(registry, ["linux/amd64"], "d5")).toMatchObject({
      verdict: "unknown",
      reason: "protocol",
    });
  });

  it("of an index that wants a hundred look-ups: unknown", async () => {
    const { registry } = await running({ sparseManifests: true });
    const child = putSingle(registry, "linux/amd64");
    putIndex(
      registry,
      Array.from({ length: 100 }, () => child),
      ["v1"],
    );
    expect(await ask(registry, ["linux/amd64"])).toMatchObject({ verdict: "unknown", reason: "protocol" });
  });

  it("of what is no image (an artifact): none", async () => {
    const { registry } = await running();
    const config = registry.putBlob("app", "{}");
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: config, size: 2 },
      layers: [],
    };
    registry.putManifest("app", { manifest, tags: ["v1"] });
    expect(await ask(registry, ["linux/amd64"])).toMatchObject({
      verdict: "absent",
      missingPlatforms: ["linux/amd64"],
    });
  });

  it.each<[string, RegExp]>([
    ["a config that is gone", /blobs/],
    ["a manifest that is gone", /manifests\/sha256/],
  ])("%s: unknown", async (_, path) => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    registry.addFault({
      fault: { kind: "status", status: 404, code: "MANIFEST_UNKNOWN" },
      method: "GET",
      path,
    });
    expect(await ask(registry, ["linux/amd64"])).toMatchObject({
      verdict: "unknown",
      reason: "incomplete-image",
    });
  });

  it.each<[string, RegExp]>([
    ["a config", /blobs/],
    ["a manifest", /manifests\/sha256/],
  ])("%s of other bytes: unknown", async (_, path) => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const body = '{"schemaVersion":2,"manifests":[],"os":"linux","architecture":"amd64"}';
    registry.addFault({
      fault: { kind: "status", status: 200, body, headers: { "content-type": INDEX } },
      method: "GET",
      path,
    });
    expect(await ask(registry, ["linux/amd64"])).toMatchObject({
      verdict: "unknown",
      reason: "digest-mismatch",
    });
  });

  it("illegal names are the caller's fault", async () => {
    await expect(privateClient().exists("app", { platforms: ["amd64/linux"] })).rejects.toMatchObject({
      code: "PLATFORM_INVALID",
    });
  });
});

describe("what is known of a digest", () => {
  it("is kept on disk, and spares the manifest and config", async () => {
    const { registry } = await running();
    const { digest } = putImage(registry, "app", { tags: ["v1"] });
    const cacheDirectory = await temporaryFolder();
    const question = { platforms: ["linux/amd64"] };
    const first = await privateClient({ cacheDirectory }).exists(`${registry.host}/app:v1`, question);
    registry.clearRequests();
    expect(await privateClient({ cacheDirectory }).exists(`${registry.host}/app:v1`, question)).toEqual(
      first,
    );
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD"]);
    expect(await readdir(join(cacheDirectory, "platforms-1"))).toEqual([`${digest.replace(":", "-")}.json`]);
  });

  it.each(["", "{", "[]", '{"mediaType":1,"platforms":[]}', '{"mediaType":"x","platforms":[null]}'])(
    "is asked for again where the file holds %j",
    async (content) => {
      const { registry } = await running();
      const { digest } = putImage(registry, "app", { tags: ["v1"] });
      const cacheDirectory = await temporaryFolder();
      const client = privateClient({ cacheDirectory, limits: { remember: 0 } });
      const question = { platforms: ["linux/amd64"] };
      await client.exists(`${registry.host}/app:v1`, question);
      const file = join(cacheDirectory, "platforms-1", `${digest.replace(":", "-")}.json`);
      const good = await readFile(file, "utf8");
      await writeFile(file, content);
      expect(platformsOf(await client.exists(`${registry.host}/app:v1`, question))).toEqual(["linux/amd64"]);
      expect(await readFile(file, "utf8")).toBe(good);
    },
  );

  it("is not needed: a folder that cannot be made costs requests alone", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient({ cacheDirectory: "/dev/null/cache" });
    expect(await client.exists(`${registry.host}/app:v1`, { platforms: ["linux/amd64"] })).toMatchObject({
      verdict: "present",
    });
  });
});

describe("the config of an image", () => {
  const config = {
    User: "nobody",
    Env: ["PATH=/bin", "EMPTY=", "EQ=a=b", "__proto__=x"],
    WorkingDir: "/work",
    Entrypoint: ["/init"],
    Cmd: ["run"],
    Labels: { a: "b" },
  };

  it.each([
    ["a single image", ["linux/amd64"]],
    ["an index", ["linux/arm64", "linux/amd64"]],
  ])("of %s", async (_, platforms) => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"], platforms, config });
    expect(await privateClient().imageConfig(`${registry.host}/app:v1`, "linux/x86_64")).toEqual({
      user: "nobody",
      env: Object.fromEntries([
        ["PATH", "/bin"],
        ["EMPTY", ""],
        ["EQ", "a=b"],
        ["__proto__", "x"],
      ]),
      workingDir: "/work",
      entrypoint: ["/init"],
      cmd: ["run"],
      labels: { a: "b" },
      architecture: "amd64",
      os: "linux",
    });
  });

  it("with fields of other types than they should have", async () => {
    const { registry } = await running();
    putImage(registry, "app", {
      tags: ["v1"],
      config: { Env: [7], Entrypoint: "x", Labels: { a: 1, b: "c" }, User: {} },
    });
    expect(await privateClient().imageConfig(`${registry.host}/app:v1`, "linux/amd64")).toMatchObject({
      env: {},
      labels: { b: "c" },
    });
  });

  it("undefined where the image, the platform or the registry is not there", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient();
    expect(await client.imageConfig(`${registry.host}/app:v2`, "linux/amd64")).toBeUndefined();
    expect(await client.imageConfig(`${registry.host}/app:v1`, "linux/arm64")).toBeUndefined();
    expect(await client.imageConfig("registry.invalid/app", "linux/amd64")).toBeUndefined();
  });
});
