import type { Step } from "./compare.ts";
import { accept, blob, digest, layerDigest } from "./content.ts";
import { json, noRoute } from "./differences.ts";

const noSuchName = {
  why: "docker's registry has no route for what is no name",
  ours: { status: 400, codes: "NAME_INVALID", "content-type": json },
};
export const listSteps: readonly Step[] = [
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

export const deletionSteps: readonly Step[] = [
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

export const pathSteps: readonly Step[] = [
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
