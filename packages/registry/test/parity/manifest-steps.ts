import { digestOf } from "../../src/testing/index.ts";
import { MEDIA_TYPES } from "../../src/testing/store/manifest-document.ts";
import { describe } from "../../src/testing/test-support/manifests.ts";
import type { Step } from "./compare.ts";
import { accept, digest, image, indexOf, manifest } from "./content.ts";
import { asJson, json, noRoute } from "./differences.ts";

const { ociImage, ociIndex, dockerImage } = MEDIA_TYPES;

function put(reference: string, body: string, mediaType: string = ociImage): Pick<Step, "ask" | "sending"> {
  const headers: Record<string, string> = mediaType === "" ? {} : { "content-type": mediaType };
  return { ask: `PUT /v2/a/b/manifests/${reference}`, sending: { headers, body } };
}

const badTag = {
  why: "docker's registry has no route for what is no tag",
  ours: { status: 400, codes: "TAG_INVALID", "content-type": json },
};
export const manifestSteps: readonly Step[] = [
  { name: "the tags before any", ask: "GET /v2/a/b/tags/list" },
  { name: "a tag that is not there", ask: "GET /v2/a/b/manifests/none", sending: accept },
  { name: "a tag that is not there by HEAD", ask: "HEAD /v2/a/b/manifests/none", sending: accept },
  { name: "a repository that is not there", ask: "GET /v2/none/manifests/none", sending: accept },
  { name: "a manifest's digest that is not there", ask: `GET /v2/a/b/manifests/${digest}`, sending: accept },
  { name: "push by tag", ...put("v1", manifest) },
  { name: "push again", ...put("v1", manifest) },
  { name: "push by digest", ...put(digest, manifest) },
  { name: "push with a parameter to the type", ...put("v2", manifest, `${ociImage}; charset=utf-8`) },
  { name: "push without layers", ...put("v3", image({ layers: [] })) },
  { name: "push an index", ...put("index", indexOf(manifest), ociIndex) },
  { name: "push with a subject", ...put("subject", image({ subject: describe(ociImage, manifest) })) },
  { name: "push by another digest", ...put(digestOf("none"), manifest) },
  { name: "push without a type", ...put("no", manifest, "") },
  { name: "push with a type that is none", ...put("no", manifest, "text/plain") },
  { name: "push with another type", ...put("no", manifest, dockerImage) },
  { name: "push what is not JSON", ...put("no", "{nope") },
  { name: "push a list", ...put("no", "[]") },
  {
    name: "push schema 1",
    ...put("no", image({ schemaVersion: 1 })),
    differs: { why: "docker's registry fails", ours: { status: 400, codes: "MANIFEST_INVALID" } },
  },
  {
    name: "push without config",
    ...put("no", image({ config: undefined })),
    differs: {
      why: "docker's registry looks for the blob of an empty digest",
      ours: { codes: "MANIFEST_INVALID" },
    },
  },
  { name: "push with a layer missing", ...put("no", image({ layers: [describe("a/b", "none")] })) },
  { name: "push an index with a manifest missing", ...put("no", indexOf("none"), ociIndex) },
  { name: "push to a tag that cannot be", ...put("-no", manifest), differs: badTag },
  { name: "push to a tag that is too long", ...put("t".repeat(129), manifest), differs: badTag },
  { name: "by tag", ask: "GET /v2/a/b/manifests/v1", sending: accept },
  { name: "by tag, HEAD", ask: "HEAD /v2/a/b/manifests/v1", sending: accept },
  { name: "by digest", ask: `GET /v2/a/b/manifests/${digest}`, sending: accept },
  { name: "the index", ask: "GET /v2/a/b/manifests/index", sending: accept },
  { name: "without Accept", ask: "GET /v2/a/b/manifests/v1" },
  {
    name: "with an Accept that does not fit",
    ask: "GET /v2/a/b/manifests/v1",
    sending: { headers: { accept: dockerImage } },
  },
  {
    name: "an unchanged manifest",
    ask: "GET /v2/a/b/manifests/v1",
    sending: { headers: { ...accept.headers, "if-none-match": `"${digest}"` } },
    differs: {
      why: "304 must have the ETag of 200 (RFC 9110, section 15.4.5)",
      ours: { "docker-content-digest": digest, etag: `"${digest}"` },
    },
  },
  {
    name: "a tag that cannot be",
    ask: "GET /v2/a/b/manifests/-no",
    sending: accept,
    differs: { why: asJson, ours: { codes: "MANIFEST_UNKNOWN", "content-type": json } },
  },
  {
    name: "a malformed digest of a manifest",
    ask: "GET /v2/a/b/manifests/sha256:abc",
    sending: accept,
    differs: { why: "docker's registry fails", ours: { status: 404, codes: "MANIFEST_UNKNOWN" } },
  },
  {
    name: "a method that manifests lack",
    ask: "POST /v2/a/b/manifests/v1",
    sending: { body: "x" },
    differs: noRoute,
  },
];
