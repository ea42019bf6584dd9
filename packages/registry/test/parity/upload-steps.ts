import { digestOf } from "../../src/testing/index.ts";
import type { Step } from "./compare.ts";
import { config, configDigest, layerDigest, octets } from "./content.ts";
import { json } from "./differences.ts";

function chunk(range: string, body: string): Pick<Step, "ask" | "sending"> {
  return { ask: "PATCH {location}", sending: { headers: { ...octets, "content-range": range }, body } };
}

const open: Step = { name: "start an upload", ask: "POST /v2/a/b/blobs/uploads/" };

export const uploadSteps: readonly Step[] = [
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
