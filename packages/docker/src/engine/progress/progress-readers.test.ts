import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BuildTrace } from "../build/trace.ts";
import { PlainProgress } from "./plain-progress.ts";
import type { ProgressReader } from "./progress-reader.ts";
import { RawProgress } from "./raw-progress.ts";
import { StepProgress } from "./step-progress.ts";

/** Steps by their number with what they printed and how they ended, from a text that comes in pieces of this length. */
function readAll(reader: ProgressReader, text: string, length: number) {
  const bytes = Buffer.from(text);
  const traces: BuildTrace[] = [];
  for (let at = 0; at < bytes.length; at += length) traces.push(reader.read(bytes.subarray(at, at + length)));
  traces.push(reader.end(reader.error()));
  const vertices = traces.flatMap((trace) => trace.vertices);
  const names = [...new Set(vertices.map(({ digest }) => digest))];
  return names.map((digest) => {
    const last = vertices.findLast((vertex) => vertex.digest === digest);
    const logs = traces.flatMap((trace) => trace.logs).filter(({ vertex }) => vertex === digest);
    const { name, cached, error } = last!;
    return { name, cached, error, log: Buffer.concat(logs.map(({ message }) => message)).toString() };
  });
}

const status = {
  vertexes: [{ digest: "a", name: '[1/2] RUN echo {"}', started: "2026-01-01T00:00:00Z" }],
  logs: [{ vertex: "a", stream: 1, data: Buffer.from("hällo }{\n").toString("base64") }],
};
const ended = {
  vertexes: [
    { digest: "a", name: '[1/2] RUN echo {"}', completed: "2026-01-01T00:00:01Z", error: "exit code: 3" },
  ],
};
const tail = 'Dockerfile:2\n--------\n >>> RUN echo {"}\n--------\nERROR: failed to solve: exit code: 3\n';
const raws = [
  [JSON.stringify(status), JSON.stringify(ended), tail].join("\n"),
  [JSON.stringify(status, null, 2), JSON.stringify(ended, null, 2), tail].join("\n"),
];

test("raw progress: objects on one line or on many, and the text of a failure behind them", () => {
  const pieces = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(fc.constantFrom(...raws), pieces, (text, length) => {
      const reader = new RawProgress();
      expect(readAll(reader, text, length)).toEqual([
        { name: '[1/2] RUN echo {"}', cached: false, error: "exit code: 3", log: "hällo }{\n" },
      ]);
      expect(reader.error()).toBe("failed to solve: exit code: 3");
    }),
  );
});

const plain = `#1 [internal] load build definition from Dockerfile
#1 sha256:0123
#1 DONE 0.1s
#5 [2/2] RUN echo hällo
#5 0.241 hällo
#5 0.242 #1 DONE 9s
#5 ERROR: executor failed running [echo]: exit code: 3
#6 [1/2] FROM base
#6 CACHED
------
failed to solve: executor failed running [echo]: exit code: 3
`;

test("plain progress: what a step prints is never taken for progress", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (length) => {
      const reader = new PlainProgress();
      const steps = readAll(reader, plain, length);
      expect(steps.map(({ name, cached, error }) => [name, cached, error])).toEqual([
        ["[internal] load build definition from Dockerfile", false, ""],
        ["[2/2] RUN echo hällo", false, "executor failed running [echo]: exit code: 3"],
        ["[1/2] FROM base", true, ""],
      ]);
      expect(steps[1]?.log).toBe("hällo\n#1 DONE 9s\n");
      expect(reader.error()).toBe("executor failed running [echo]: exit code: 3");
    }),
  );
});

test("steps one after the other: the last one is the one that failed", () => {
  const text =
    "STEP 1/3: FROM base\n[2/2] STEP 2/3: RUN a\n--> Using cache 0123\n[2/2] STEP 3/3: RUN b\nout\n";
  const reader = new StepProgress();
  const first = reader.read(Buffer.from(text));
  const second = reader.read(Buffer.from("error: of b\nwarn\nError: building: exit status 3\n"));
  expect(reader.error()).toBe("building: exit status 3");
  const last = reader.end(reader.error());
  const vertices = [first, second, last].flatMap((trace) => trace.vertices);
  const finished = vertices.filter(({ completed }) => completed !== undefined);
  expect(finished.map(({ name, cached, error }) => [name, cached, error])).toEqual([
    ["[1/3] FROM base", false, ""],
    ["[2/2 2/3] RUN a", true, ""],
    ["[2/2 3/3] RUN b", false, "building: exit status 3"],
  ]);
  const logs = [first, second, last]
    .flatMap((trace) => trace.logs)
    .map(({ message }) => Buffer.from(message).toString());
  expect(logs).toEqual(["--> Using cache 0123\n", "out\n", "error: of b\n", "warn\n"]);
});

// By podman 4.3 and by buildah 1.28.
test.each([
  ["cached", "--> Using cache 04aab5f4281c8b76aba0e2835e5e3cd18f31d237a452ec3062aa6adee79a2bad\n"],
  ["run", "uv 0.13.8\n"],
])("steps: one that was named before the stage that it waits for goes on behind that: %s", (way, said) => {
  const text = `[1/3] STEP 1/2: FROM base AS uv
[1/3] STEP 2/2: RUN fetch
--> 6a9346cbeb4
[3/3] STEP 1/2: FROM base AS project
[3/3] STEP 2/2: RUN install
[2/3] STEP 1/2: FROM base AS poetry
[2/3] STEP 2/2: RUN prepare
${said}--> 04aab5f4281
it is stale
`;
  const read = readAll(new StepProgress(), text, 7);
  expect(read.map(({ name, log, cached }) => [name, log, cached])).toEqual([
    ["[1/3 1/2] FROM base AS uv", "", false],
    ["[1/3 2/2] RUN fetch", "--> 6a9346cbeb4\n", false],
    ["[3/3 1/2] FROM base AS project", "", false],
    ["[3/3 2/2] RUN install", "it is stale\n", false],
    ["[2/3 1/2] FROM base AS poetry", "", false],
    ["[2/3 2/2] RUN prepare", `${said}--> 04aab5f4281\n`, way === "cached"],
  ]);
});
