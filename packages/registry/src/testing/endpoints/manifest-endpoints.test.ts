import { expect, test } from "vitest";
import { digestOf } from "../store/digest.ts";
import { MEDIA_TYPES } from "../store/manifest-document.ts";
import { describe, imageIn, pushOf } from "../test-support/manifests.ts";
import { running } from "../test-support/running.ts";

const { ociImage, ociIndex, dockerImage, dockerList } = MEDIA_TYPES;

test("a manifest is given back byte by byte, by tag and digest", async () => {
  const { registry, ask } = await running();
  const push = pushOf(`${JSON.stringify(imageIn(registry, "org/app"))}\n  `);
  const digest = digestOf(push.body);
  const pushed = await ask("PUT /v2/org/app/manifests/v1", push);
  expect(pushed).toMatchObject({ status: 201, headers: { "docker-content-digest": digest } });
  expect(pushed.headers.location).toBe(`${registry.url}/v2/org/app/manifests/${digest}`);
  const headers = {
    "docker-content-digest": digest,
    "content-type": ociImage,
    "content-length": `${push.body.length}`,
  };
  for (const reference of ["v1", digest]) {
    expect(await ask(`GET /v2/org/app/manifests/${reference}`)).toMatchObject({
      status: 200,
      text: push.body,
      headers,
    });
    expect(await ask(`HEAD /v2/org/app/manifests/${reference}`)).toMatchObject({
      status: 200,
      text: "",
      headers,
    });
  }
});

test("a tag moves to what is pushed last", async () => {
  const { registry, ask } = await running();
  const [first, second] = ["1", "2"].map((version) =>
    pushOf(imageIn(registry, "a", { annotations: { version } })),
  );
  await ask("PUT /v2/a/manifests/v1", first);
  await ask("PUT /v2/a/manifests/v1", second);
  expect((await ask("GET /v2/a/manifests/v1")).text).toBe(second?.body);
  expect((await ask(`GET /v2/a/manifests/${digestOf(first?.body ?? "")}`)).text).toBe(first?.body);
});

test("an immutable tag stays, and the same manifest may be pushed again", async () => {
  const { registry, ask } = await running({ immutableTags: true });
  const first = pushOf(imageIn(registry, "a"));
  expect((await ask("PUT /v2/a/manifests/v1", first)).status).toBe(201);
  expect((await ask("PUT /v2/a/manifests/v1", first)).status).toBe(201);
  const other = pushOf(imageIn(registry, "a", { annotations: { other: "1" } }));
  expect(await ask("PUT /v2/a/manifests/v1", other)).toMatchObject({ status: 400, codes: ["TAG_INVALID"] });
  expect((await ask("GET /v2/a/manifests/v1")).text).toBe(first.body);
});

test("a push by digest, with tags and without", async () => {
  const { registry, ask } = await running();
  const push = pushOf(imageIn(registry, "a"));
  const digest = digestOf(push.body, "sha512");
  expect((await ask(`PUT /v2/a/manifests/${digest}`, push)).headers["docker-content-digest"]).toBe(digest);
  expect(registry.tags("a")).toEqual([]);
  const tagged = await ask(`PUT /v2/a/manifests/${digest}?tag=v1&tag=v2`, push);
  expect(tagged.headers["oci-tag"]).toBe("v1, v2");
  expect((await ask("HEAD /v2/a/manifests/v2")).headers["docker-content-digest"]).toBe(digest);
  expect((await ask(`PUT /v2/a/manifests/${digest}?tag=-`, push)).codes).toEqual(["TAG_INVALID"]);
  expect((await ask(`PUT /v2/a/manifests/${digestOf("x")}`, push)).codes).toEqual(["DIGEST_INVALID"]);
});

test.each([
  ["no type", undefined, "{}", "MANIFEST_INVALID"],
  ["a type that is no manifest's", "text/plain", '{"schemaVersion":2}', "MANIFEST_INVALID"],
  [
    "another type than it says",
    dockerImage,
    `{"schemaVersion":2,"mediaType":"${ociImage}"}`,
    "MANIFEST_INVALID",
  ],
  ["what is not JSON", ociImage, "{nope", "MANIFEST_INVALID"],
  ["what is no object", ociImage, "[]", "MANIFEST_INVALID"],
  ["what nests without end", ociImage, "[".repeat(1_000_000), "MANIFEST_INVALID"],
  ["schema 1", ociImage, '{"schemaVersion":1}', "MANIFEST_INVALID"],
  ["no config", ociImage, '{"schemaVersion":2,"layers":[]}', "MANIFEST_INVALID"],
  [
    "no layers",
    ociImage,
    `{"schemaVersion":2,"config":${JSON.stringify(describe("a/b", "{}"))}}`,
    "MANIFEST_INVALID",
  ],
  ["no manifests", ociIndex, '{"schemaVersion":2}', "MANIFEST_INVALID"],
  ["a list of numbers", dockerList, '{"schemaVersion":2,"manifests":[1]}', "MANIFEST_INVALID"],
  [
    "a negative size",
    ociIndex,
    '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":-1}]}',
    "MANIFEST_INVALID",
  ],
  ["no digest", ociIndex, '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1}]}', "DIGEST_INVALID"],
])("a push with %s is refused", async (_, mediaType, body, code) => {
  const { ask } = await running();
  const headers: Record<string, string> = mediaType === undefined ? {} : { "content-type": mediaType };
  expect(await ask("PUT /v2/a/manifests/v1", { headers, body })).toMatchObject({
    status: 400,
    codes: [code],
  });
  expect((await ask("HEAD /v2/a/manifests/v1")).status).toBe(404);
});

test("a manifest in other bytes than UTF-8 is refused", async () => {
  const { ask } = await running();
  const body = Buffer.from('{"schemaVersion":2,"annotations":{"a":"\xff"}}', "latin1");
  expect((await ask("PUT /v2/a/manifests/v1", { ...pushOf(""), body })).codes).toEqual(["MANIFEST_INVALID"]);
});

test.each(["-bad", `${"t".repeat(129)}`, "sha256:abc"])("no push to %s", async (reference) => {
  const { ask } = await running();
  expect((await ask(`PUT /v2/a/manifests/${reference}`, pushOf("{}"))).status).toBe(400);
  expect((await ask(`GET /v2/a/manifests/${reference}`)).status).toBe(404);
});

test("what a manifest refers to must be there, but for foreign layers and the subject", async () => {
  const { registry, ask } = await running();
  const layer = describe("application/vnd.oci.image.layer.v1.tar", "absent");
  const missing = pushOf(imageIn(registry, "a", { layers: [layer] }));
  expect(await ask("PUT /v2/a/manifests/v1", missing)).toMatchObject({
    status: 400,
    codes: ["MANIFEST_BLOB_UNKNOWN"],
  });
  expect(missing.body).toContain(digestOf("absent"));
  const foreign = imageIn(registry, "a", { layers: [{ ...layer, urls: ["https://example.com/layer"] }] });
  expect((await ask("PUT /v2/a/manifests/v1", pushOf(foreign))).status).toBe(201);
  const subject = describe(ociImage, "absent");
  const pushed = await ask("PUT /v2/a/manifests/v2", pushOf(imageIn(registry, "a", { subject })));
  expect(pushed).toMatchObject({ status: 201, headers: { "oci-subject": digestOf("absent") } });
});

test("an index needs its manifests, unless it may be sparse", async () => {
  const index = pushOf(
    { schemaVersion: 2, mediaType: ociIndex, manifests: [describe(ociImage, "absent")] },
    ociIndex,
  );
  const { ask } = await running();
  expect((await ask("PUT /v2/a/manifests/v1", index)).codes).toEqual(["MANIFEST_BLOB_UNKNOWN"]);
  const sparse = await running({ sparseManifests: true });
  expect((await sparse.ask("PUT /v2/a/manifests/v1", index)).status).toBe(201);
});

test("a manifest beyond the limit is refused", async () => {
  const { ask } = await running({ maxManifestBytes: 10 });
  const refused = await ask("PUT /v2/a/manifests/v1", pushOf("x".repeat(11)));
  expect(refused).toMatchObject({ status: 413, codes: ["SIZE_INVALID"] });
});

test("deleting a tag leaves the manifest, deleting the manifest takes its tags", async () => {
  const { registry, ask } = await running();
  const digest = registry.putManifest("a", { manifest: imageIn(registry, "a"), tags: ["v1", "v2", "v3"] });
  expect((await ask("DELETE /v2/a/manifests/v1")).status).toBe(202);
  expect(await ask("DELETE /v2/a/manifests/v1")).toMatchObject({ status: 404, codes: ["MANIFEST_UNKNOWN"] });
  expect((await ask(`HEAD /v2/a/manifests/${digest}`)).status).toBe(200);
  expect((await ask(`DELETE /v2/a/manifests/${digest}`)).status).toBe(202);
  expect((await ask("HEAD /v2/a/manifests/v2")).status).toBe(404);
  expect(registry.tags("a")).toEqual([]);
});

test("an unchanged manifest is not sent again", async () => {
  const { registry, ask } = await running();
  const digest = registry.putManifest("a", { manifest: imageIn(registry, "a"), tags: ["v1"] });
  const again = await ask("GET /v2/a/manifests/v1", { headers: { "if-none-match": `"${digest}"` } });
  expect(again).toMatchObject({ status: 304, text: "" });
});

test("with strictAccept an OCI manifest is hidden from clients that do not name its type", async () => {
  const { registry, ask } = await running({ strictAccept: true });
  registry.putManifest("a", { manifest: imageIn(registry, "a"), tags: ["v1"] });
  const hidden = await ask("GET /v2/a/manifests/v1", { headers: { accept: `${dockerImage}, */*` } });
  expect(hidden).toMatchObject({ status: 404, codes: ["MANIFEST_UNKNOWN"] });
  expect(hidden.text).toContain("OCI manifest found, but accept header does not support OCI manifests");
  const headers = { accept: `${dockerImage}, ${ociImage};q=0.5` };
  expect((await ask("GET /v2/a/manifests/v1", { headers })).status).toBe(200);
});
