import { expect, test } from "vitest";
import { digestOf } from "../store/digest.ts";
import { MEDIA_TYPES } from "../store/manifest-document.ts";
import { describe, imageIn } from "../test-support/manifests.ts";
import { type Running, running } from "../test-support/running.ts";

const { ociImage, ociIndex } = MEDIA_TYPES;

/** Every page, following Link. */
async function pages({ ask }: Running, path: string): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { text, headers } = await ask(`GET ${next}`);
    found.push(JSON.parse(text));
    next = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ""))?.[1];
  }
  return found;
}

async function tagged(tags: readonly string[], options = {}): Promise<Running> {
  const server = await running(options);
  server.registry.putManifest("org/app", { manifest: imageIn(server.registry, "org/app"), tags });
  return server;
}

test("tags come sorted by code unit", async () => {
  const { ask } = await tagged(["b", "a", "B", "_", "10", "9"]);
  const expected = '{"name":"org/app","tags":["10","9","B","_","a","b"]}';
  expect(await ask("GET /v2/org/app/tags/list")).toMatchObject({ status: 200, text: expected });
});

test.each([
  ["?n=2", ["a", "b"], '</v2/org/app/tags/list?last=b&n=2>; rel="next"'],
  ["?n=2&last=b", ["c"], undefined],
  ["?last=a", ["b", "c"], undefined],
  ["?last=aa", ["b", "c"], undefined],
  ["?n=3", ["a", "b", "c"], undefined],
  ["?n=0", [], undefined],
  ["?n=2&last=c", [], undefined],
  [`?n=${"9".repeat(400)}`, ["a", "b", "c"], undefined],
])("tags/list%s", async (query, tags, link) => {
  const { ask } = await tagged(["c", "a", "b"]);
  const { text, headers } = await ask(`GET /v2/org/app/tags/list${query}`);
  expect(JSON.parse(text)).toEqual({ name: "org/app", tags });
  expect(headers.link).toBe(link);
});

test.each(["-1", "x", "1.5", ""])("n=%s is refused", async (n) => {
  const { ask } = await tagged(["a"]);
  expect(await ask(`GET /v2/org/app/tags/list?n=${n}`)).toMatchObject({
    status: 400,
    codes: ["UNSUPPORTED"],
  });
});

test("a registry with small pages is read through Link", async () => {
  const server = await tagged(["a", "b", "c"], { pageSize: 2 });
  expect(await pages(server, "/v2/org/app/tags/list")).toEqual([
    { name: "org/app", tags: ["a", "b"] },
    { name: "org/app", tags: ["c"] },
  ]);
});

test("a repository without a manifest has no list, one whose tags are gone has an empty one", async () => {
  const { registry, ask } = await tagged(["a"]);
  registry.putBlob("org/blobs", "x");
  expect(await ask("GET /v2/org/blobs/tags/list")).toMatchObject({ status: 404, codes: ["NAME_UNKNOWN"] });
  await ask("DELETE /v2/org/app/manifests/a");
  expect((await ask("GET /v2/org/app/tags/list")).text).toBe('{"name":"org/app","tags":[]}');
});

test("the catalog lists what has content, in pages", async () => {
  const server = await tagged(["a"], { pageSize: 1 });
  server.registry.putBlob("a/first", "x");
  await server.ask("POST /v2/org/empty/blobs/uploads/");
  expect(await pages(server, "/v2/_catalog")).toEqual([
    { repositories: ["a/first"] },
    { repositories: ["org/app"] },
  ]);
});

async function withReferrers(options = {}): Promise<Running & Readonly<{ path: string }>> {
  const server = await running(options);
  const { registry } = server;
  const target = registry.putManifest("org/app", { manifest: imageIn(registry, "org/app"), tags: ["v1"] });
  const subject = { ...describe(ociImage, ""), digest: target };
  const annotations = { made: "today" };
  registry.putManifest("org/app", {
    manifest: imageIn(registry, "org/app", { subject, artifactType: "a/sbom", annotations }),
  });
  registry.putManifest("org/app", { manifest: imageIn(registry, "org/app", { subject }) });
  registry.putManifest("org/app", {
    manifest: { schemaVersion: 2, mediaType: ociIndex, manifests: [], subject },
  });
  return { ...server, path: `/v2/org/app/referrers/${target}` };
}

type Referrers = Readonly<{ manifests: readonly Readonly<Record<string, unknown>>[] }>;

test("referrers with their artifact type and annotations", async () => {
  const { ask, path } = await withReferrers();
  const { status, headers, text } = await ask(`GET ${path}`);
  expect([status, headers["content-type"]]).toEqual([200, ociIndex]);
  const { manifests } = JSON.parse(text) as Referrers;
  const found = manifests.map(({ mediaType, artifactType, annotations }) => ({
    mediaType,
    artifactType,
    annotations,
  }));
  expect(found).toHaveLength(3);
  expect(found).toContainEqual({
    mediaType: ociImage,
    artifactType: "a/sbom",
    annotations: { made: "today" },
  });
  const configType = "application/vnd.oci.image.config.v1+json";
  expect(found).toContainEqual({ mediaType: ociImage, artifactType: configType, annotations: undefined });
  expect(found).toContainEqual({ mediaType: ociIndex, artifactType: undefined, annotations: undefined });
});

test("referrers are filtered, and said to be", async () => {
  const { ask, path } = await withReferrers();
  const { headers, text } = await ask(`GET ${path}?artifactType=a/sbom`);
  expect(headers["oci-filters-applied"]).toBe("artifactType");
  expect((JSON.parse(text) as Referrers).manifests.map(({ artifactType }) => artifactType)).toEqual([
    "a/sbom",
  ]);
});

test("referrers in pages keep the filter", async () => {
  const server = await withReferrers({ pageSize: 1 });
  const lengths = (await pages(server, server.path)).map((page) => (page as Referrers).manifests.length);
  expect(lengths).toEqual([1, 1, 1]);
  expect(await pages(server, `${server.path}?artifactType=a/sbom`)).toHaveLength(1);
});

test("nothing refers to what is not there, and to no digest nothing can", async () => {
  const { ask } = await running();
  const none = await ask(`GET /v2/org/none/referrers/${digestOf("x")}`);
  expect(JSON.parse(none.text)).toEqual({ schemaVersion: 2, mediaType: ociIndex, manifests: [] });
  expect(await ask("GET /v2/org/none/referrers/latest")).toMatchObject({
    status: 400,
    codes: ["DIGEST_INVALID"],
  });
});

test("a registry without the referrers API", async () => {
  const { ask, path, registry } = await withReferrers({ referrers: false });
  expect((await ask(`GET ${path}`)).status).toBe(404);
  const subject = describe(ociImage, "absent");
  const body = JSON.stringify(imageIn(registry, "a", { subject }));
  const pushed = await ask("PUT /v2/a/manifests/v1", { headers: { "content-type": ociImage }, body });
  expect(pushed.status).toBe(201);
  expect(pushed.headers["oci-subject"]).toBeUndefined();
});
