import { digestOf } from "../../src/testing/index.ts";
import type { Step } from "./compare.ts";
import { blob, layerDigest } from "./content.ts";
import { noRoute } from "./differences.ts";

const ranged = (range: string): Pick<Step, "ask" | "sending"> => ({
  ask: `GET ${blob}`,
  sending: { headers: { range } },
});

const emptyUnsatisfiable = { why: "416 has no body, so it has no type", ours: { "content-type": undefined } };
const malformedRange = {
  why: "416 should tell the size (RFC 9110, section 15.5.17), and has no body",
  ours: { "content-range": "bytes */11", "content-type": undefined },
};

export const blobSteps: readonly Step[] = [
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
