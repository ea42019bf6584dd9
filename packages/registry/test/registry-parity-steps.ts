import { digestOf } from "../src/testing/index.ts";
import { MEDIA_TYPES } from "../src/testing/store/manifest-document.ts";
import type { Step } from "./registry-parity.ts";

const { ociImage, ociIndex, dockerImage } = MEDIA_TYPES;
const octets = { "content-type": "application/octet-stream" };
const accept = { headers: { accept: `${ociImage}, ${ociIndex}, ${dockerImage}` } };
const config = JSON.stringify({
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: [] },
});
const layer = "layer-bytes";
const [configDigest, layerDigest] = [digestOf(config), digestOf(layer)];

type Json = Readonly<Record<string, unknown>>;

function describe(mediaType: string, content: string): Json {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function image(fields: Json = {}): string {
  const own = describe("application/vnd.oci.image.config.v1+json", config);
  const layers = [describe("application/vnd.oci.image.layer.v1.tar", layer)];
  return JSON.stringify({ schemaVersion: 2, mediaType: ociImage, config: own, layers, ...fields });
}

function indexOf(manifest: string): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: [describe(ociImage, manifest)] });
}

const manifest = image();
const digest = digestOf(manifest);

function put(reference: string, body: string, mediaType: string = ociImage): Pick<Step, "ask" | "sending"> {
  const headers: Record<string, string> = mediaType === "" ? {} : { "content-type": mediaType };
  return { ask: `PUT /v2/a/b/manifests/${reference}`, sending: { headers, body } };
}

function chunk(range: string, body: string): Pick<Step, "ask" | "sending"> {
  return { ask: "PATCH {location}", sending: { headers: { ...octets, "content-range": range }, body } };
}

const open: Step = { name: "start an upload", ask: "POST /v2/a/b/blobs/uploads/" };
const blob = `/v2/a/b/blobs/${layerDigest}`;
const ranged = (range: string): Pick<Step, "ask" | "sending"> => ({
  ask: `GET ${blob}`,
  sending: { headers: { range } },
});

/** Ours says what is wrong in JSON, where docker's registry has only the text of its web framework. */
const asJson = "docker's registry answers what it has no route for in plain text";
const json = "application/json; charset=utf-8";
const noRoute = { why: asJson, ours: { codes: "UNSUPPORTED", "content-type": json } };
const noSuchName = {
  why: "docker's registry has no route for what is no name",
  ours: { status: 400, codes: "NAME_INVALID", "content-type": json },
};
const badTag = {
  why: "docker's registry has no route for what is no tag",
  ours: { status: 400, codes: "TAG_INVALID", "content-type": json },
};
const emptyUnsatisfiable = { why: "416 has no body, so it has no type", ours: { "content-type": undefined } };
const malformedRange = {
  why: "416 should tell the size (RFC 9110, section 15.5.17), and has no body",
  ours: { "content-range": "bytes */11", "content-type": undefined },
};

const uploads: readonly Step[] = [
  open,
  { name: "its state", ask: "GET {location}" },
  {
    name: "finish it",
    ask: `PUT {location}?digest=${configDigest}`,
    sending: { headers: octets, body: config },
  },
  open,
  { name: "the first chunk", ...chunk("0-4", "layer") },
  { name: "the state between chunks", ask: "GET {location}" },
  { name: "the last chunk", ...chunk("5-10", "-bytes") },
  { name: "close it", ask: `PUT {location}?digest=${layerDigest}` },
  open,
  {
    name: "a chunk without Content-Range",
    ask: "PATCH {location}",
    sending: { headers: octets, body: "zz" },
  },
  {
    name: "a chunk out of order",
    ...chunk("9-10", "zz"),
    differs: {
      why: "docker's registry before version 3 ignores Content-Range; the specification demands 416",
      ours: {
        status: 416,
        codes: "BLOB_UPLOAD_INVALID",
        "content-length": undefined,
        "content-type": json,
        "docker-upload-uuid": undefined,
        location: undefined,
        range: "0-1",
      },
    },
  },
  { name: "cancel", ask: "DELETE {location}" },
  { name: "the state of a cancelled upload", ask: "GET {location}" },
  { name: "cancel again", ask: "DELETE {location}" },
  open,
  { name: "finish without a digest", ask: "PUT {location}", sending: { headers: octets, body: "x" } },
  open,
  {
    name: "finish with a malformed digest",
    ask: "PUT {location}?digest=x",
    sending: { headers: octets, body: "x" },
  },
  open,
  {
    name: "finish with another digest",
    ask: `PUT {location}?digest=${layerDigest}`,
    sending: { headers: octets, body: "x" },
  },
  {
    name: "all in one POST",
    ask: `POST /v2/a/b/blobs/uploads/?digest=${digestOf("x")}`,
    sending: { headers: octets, body: "x" },
    differs: {
      why: "docker's registry starts an upload, as the specification allows",
      ours: {
        status: 201,
        "docker-content-digest": digestOf("x"),
        "docker-upload-uuid": undefined,
        location: `URL/v2/a/b/blobs/${digestOf("x")}`,
        range: undefined,
      },
    },
  },
  {
    name: "an upload that never was",
    ask: "GET /v2/a/b/blobs/uploads/00000000-0000-4000-8000-000000000000",
    differs: {
      why: "docker's registry misses the state that it put into Location",
      ours: { codes: "BLOB_UPLOAD_UNKNOWN" },
    },
  },
  { name: "mount", ask: `POST /v2/c/d/blobs/uploads/?mount=${layerDigest}&from=a/b` },
  { name: "mount from nowhere", ask: `POST /v2/c/d/blobs/uploads/?mount=${layerDigest}` },
  { name: "mount what is not there", ask: `POST /v2/c/d/blobs/uploads/?mount=${digestOf("none")}&from=a/b` },
  { name: "mount no digest", ask: "POST /v2/c/d/blobs/uploads/?mount=x&from=a/b" },
];

const blobs: readonly Step[] = [
  { name: "the blob", ask: `GET ${blob}` },
  { name: "the blob by HEAD", ask: `HEAD ${blob}` },
  { name: "its first bytes", ...ranged("bytes=0-3") },
  { name: "its bytes from the third on", ...ranged("bytes=2-") },
  { name: "its last bytes", ...ranged("bytes=-3") },
  { name: "more bytes than it has", ...ranged("bytes=5-100") },
  { name: "bytes behind its end", ...ranged("bytes=100-"), differs: emptyUnsatisfiable },
  { name: "a range that is none", ...ranged("bytes=x"), differs: malformedRange },
  { name: "a range backwards", ...ranged("bytes=5-2"), differs: malformedRange },
  {
    name: "two ranges",
    ...ranged("bytes=0-1,3-4"),
    differs: {
      why: "several ranges may be answered with the whole (RFC 9110, section 14.2)",
      ours: { status: 200, "content-length": "11", "content-type": "application/octet-stream" },
    },
  },
  {
    name: "a range in another unit",
    ...ranged("items=0-1"),
    differs: {
      why: "an unknown unit must be ignored (RFC 9110, section 14.2)",
      ours: {
        status: 200,
        "accept-ranges": "bytes",
        "content-length": "11",
        "content-type": "application/octet-stream",
      },
    },
  },
  {
    name: "a range by HEAD",
    ask: `HEAD ${blob}`,
    sending: { headers: { range: "bytes=0-3" } },
    differs: {
      why: "Range is for GET alone (RFC 9110, section 14.2)",
      ours: { status: 200, "content-length": "11", "content-range": undefined },
    },
  },
  { name: "unchanged", ask: `GET ${blob}`, sending: { headers: { "if-none-match": `"${layerDigest}"` } } },
  {
    name: "a range of other content",
    ask: `GET ${blob}`,
    sending: { headers: { range: "bytes=0-3", "if-range": '"other"' } },
  },
  { name: "a blob that is not there", ask: `GET /v2/a/b/blobs/${digestOf("none")}` },
  { name: "a blob that is not there by HEAD", ask: `HEAD /v2/a/b/blobs/${digestOf("none")}` },
  { name: "a malformed digest", ask: "GET /v2/a/b/blobs/sha256:abc" },
  { name: "a digest of another algorithm", ask: "GET /v2/a/b/blobs/md5:d41d8cd98f00b204e9800998ecf8427e" },
  { name: "a method that blobs lack", ask: `PUT ${blob}`, sending: { body: "x" }, differs: noRoute },
];

const manifests: readonly Step[] = [
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

const lists: readonly Step[] = [
  { name: "the tags", ask: "GET /v2/a/b/tags/list" },
  {
    name: "the tags in pages",
    ask: "GET /v2/a/b/tags/list?n=2",
    differs: {
      why: "docker's registry before version 3 has no pages of tags",
      ours: { link: '</v2/a/b/tags/list?last=subject&n=2>; rel="next"' },
    },
  },
  { name: "the tags of no repository", ask: "GET /v2/none/tags/list" },
  { name: "a method that lists lack", ask: "POST /v2/a/b/tags/list", differs: noRoute },
  { name: "the catalog", ask: "GET /v2/_catalog" },
  { name: "the catalog in pages", ask: "GET /v2/_catalog?n=1" },
  { name: "the catalog's next page", ask: "GET /v2/_catalog?n=1&last=a/b" },
  { name: "no entry of the catalog", ask: "GET /v2/_catalog?n=0" },
  {
    name: "the catalog by a number that is none",
    ask: "GET /v2/_catalog?n=x",
    differs: { why: "docker's registry takes it for none", ours: { status: 400, codes: "UNSUPPORTED" } },
  },
  { name: "referrers", ask: `GET /v2/a/b/referrers/${digest}`, differs: noRoute },
];

const deletions: readonly Step[] = [
  {
    name: "delete a tag",
    ask: "DELETE /v2/a/b/manifests/v3",
    differs: {
      why: "docker's registry deletes by digest alone, as the specification allows",
      ours: { status: 202, codes: "", "content-length": "0", "content-type": undefined },
    },
  },
  { name: "delete a manifest", ask: `DELETE /v2/a/b/manifests/${digest}` },
  { name: "delete it again", ask: `DELETE /v2/a/b/manifests/${digest}` },
  { name: "the tag of a deleted manifest", ask: "GET /v2/a/b/manifests/v1", sending: accept },
  { name: "delete a blob", ask: `DELETE ${blob}` },
  { name: "delete the blob again", ask: `DELETE ${blob}` },
  { name: "the deleted blob", ask: `GET ${blob}` },
  { name: "the mounted copy", ask: `GET /v2/c/d/blobs/${layerDigest}` },
];

const paths: readonly Step[] = [
  { name: "ping", ask: "GET /v2/" },
  { name: "ping by HEAD", ask: "HEAD /v2/" },
  {
    name: "ping without the slash",
    ask: "GET /v2",
    differs: {
      why: "docker's registry redirects",
      ours: { status: 200, "content-type": json, location: undefined },
    },
  },
  {
    name: "uploads without the slash",
    ask: "POST /v2/a/b/blobs/uploads",
    differs: {
      why: "docker's registry redirects",
      ours: {
        status: 202,
        "content-length": "0",
        "docker-upload-uuid": "UUID",
        location: "URL/v2/a/b/blobs/uploads/UUID",
        range: "0-0",
      },
    },
  },
  {
    name: "the root",
    ask: "GET /",
    differs: {
      why: "docker's registry says that it is alive",
      ours: {
        status: 404,
        codes: "UNSUPPORTED",
        "content-length": undefined,
        "content-type": json,
        "docker-distribution-api-version": "registry/2.0",
      },
    },
  },
  { name: "a path that is none", ask: "GET /v2/a/b", differs: noRoute },
  { name: "a manifest without a name", ask: "GET /v2/a/b/manifests/", differs: noRoute },
  { name: "a repository in capitals", ask: "GET /v2/a/B/tags/list", differs: noSuchName },
  {
    name: "a host in capitals for a repository",
    ask: `GET /v2/A/b/blobs/${layerDigest}`,
    differs: {
      why: "docker's registry takes it for a host's name",
      ours: { status: 400, codes: "NAME_INVALID" },
    },
  },
  {
    name: "a repository's name that is too long",
    ask: `GET /v2/${"a/".repeat(150)}a/tags/list`,
    differs: { why: "docker's registry fails", ours: { status: 400, codes: "NAME_INVALID" } },
  },
  { name: "an encoded path", ask: "GET /v2/%61/b/tags/list" },
  {
    name: "a path with two slashes",
    ask: "GET /v2/a//b/tags/list",
    differs: {
      why: "docker's registry redirects to the path with one",
      ours: { status: 400, codes: "NAME_INVALID", "content-type": json, location: undefined },
    },
  },
];

export const steps: readonly Step[] = [...uploads, ...blobs, ...manifests, ...lists, ...deletions, ...paths];
