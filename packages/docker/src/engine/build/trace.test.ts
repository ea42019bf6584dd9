import { expect, test } from "vitest";
import { encodeTrace } from "../../../test/support/encode-trace.ts";
import { recordedBuild } from "../../../test/support/recorded-build.ts";
import { decodeTrace } from "./trace.ts";

test("reads what BuildKit says of vertices, their progress and their logs", () => {
  const vertex = {
    digest: "sha256:1",
    name: "[1/2] RUN é",
    started: 1_795_253_665_729,
    error: "exit code: 1",
  };
  const trace = encodeTrace({
    vertices: [
      { ...vertex, completed: 1_795_253_665_999 },
      { digest: "sha256:2", cached: true },
    ],
    statuses: [{ id: "extracting", vertex: "sha256:1", current: 5_000_000_000, total: 6_000_000_000 }],
    logs: [{ vertex: "sha256:1", stream: 2, message: "half a line" }],
    warnings: ["JSON arguments recommended"],
  });
  expect(decodeTrace(trace)).toEqual({
    vertices: [
      { ...vertex, completed: 1_795_253_665_999, cached: false },
      { digest: "sha256:2", name: "", cached: true, started: undefined, completed: undefined, error: "" },
    ],
    statuses: [{ id: "extracting", vertex: "sha256:1", current: 5_000_000_000, total: 6_000_000_000 }],
    logs: [{ vertex: "sha256:1", stream: 2, message: new Uint8Array(Buffer.from("half a line")) }],
    warnings: ["JSON arguments recommended"],
  });
});

test("reads what Docker 20.10 said of a build", async () => {
  const traces = (await recordedBuild()).flatMap(({ aux }) =>
    typeof aux === "string" ? [decodeTrace(Buffer.from(aux, "base64"))] : [],
  );
  const names = traces.flatMap(({ vertices }) =>
    vertices.map(({ name }) => name.replace(/ RUN .*/s, " RUN …")),
  );
  expect([...new Set(names)]).toEqual([
    "[internal] load remote build context",
    "copy /context /",
    "[internal] load metadata for docker.io/library/busy:1",
    "[stage-0 1/2] FROM docker.io/library/busy:1",
    "[stage-0 2/2] RUN …",
  ]);
  const logs = traces.flatMap((trace) => trace.logs);
  expect(logs.map(({ stream, message }) => [stream, Buffer.from(message).toString()])).toEqual([
    [1, "hällo\n"],
    [2, "wor"],
    [2, "ld\n"],
  ]);
});

test("an empty trace says nothing, and what is no protobuf is an error", () => {
  expect(decodeTrace(new Uint8Array())).toEqual({ vertices: [], statuses: [], logs: [], warnings: [] });
  expect(() => decodeTrace(Buffer.from("<html>"))).toThrow();
});
