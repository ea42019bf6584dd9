import type { BuildEvent } from "@imagespec/core";
import { expect, test } from "vitest";
import { encodeTrace, type TraceParts } from "../../../test/support/encode-trace.ts";
import { BuildProgress } from "./build-progress.ts";
import { decodeTrace } from "./trace.ts";

function follow(...traces: readonly TraceParts[]) {
  const events: BuildEvent[] = [];
  const progress = new BuildProgress("app:1", (event) => events.push(event));
  for (const trace of traces) progress.accept(decodeTrace(encodeTrace(trace)));
  progress.finish();
  return { events, steps: progress.steps() };
}

/** An event without what every test repeats. */
function brief(event: BuildEvent): string {
  const { type, image: _, ...rest } = event;
  return [type, ...Object.values(rest)].join(" ");
}

test("a step starts once, says its lines and ends once, however often it is named", () => {
  const step = { digest: "a", name: "[1/1] RUN x", started: 1000 };
  const { events } = follow(
    { vertices: [{ digest: "a", name: "[1/1] RUN x" }] },
    { vertices: [step] },
    { vertices: [step], logs: [{ vertex: "a", message: "hello\n" }] },
    { vertices: [{ ...step, completed: 2000 }] },
    { vertices: [{ ...step, completed: 2000 }] },
  );
  expect(events.map(brief)).toEqual([
    "step-start a [1/1] RUN x 1000",
    "step-log a stdout hello",
    "step-end a 2000 false",
  ]);
});

test("a trace that holds a whole step gives its log between start and end", () => {
  const { events } = follow({
    vertices: [{ digest: "a", name: "x", started: 1, completed: 2, error: "exit code: 1" }],
    logs: [{ vertex: "a", message: "no newline" }],
  });
  expect(events.map(brief)).toEqual([
    "step-start a x 1",
    "step-log a stdout no newline",
    "step-end a 2 false exit code: 1",
  ]);
});

test("lines of streams and steps that come in pieces and in turn are put together apart", () => {
  const { events } = follow({
    logs: [
      { vertex: "a", message: "out o" },
      { vertex: "a", stream: 2, message: "error o" },
      { vertex: "b", message: "other" },
      { vertex: "a", message: "f a\n" },
      { vertex: "a", stream: 2, message: "f a\n" },
    ],
  });
  expect(events.map(brief)).toEqual([
    "step-log a stdout out of a",
    "step-log a stderr error of a",
    "step-log b stdout other",
  ]);
});

test("a cached step, progress with and without a total, and a warning", () => {
  const { events } = follow({
    vertices: [{ digest: "a", name: "x", started: 1, completed: 1, cached: true }],
    statuses: [
      { id: "layer", vertex: "a", current: 5, total: 10 },
      { id: "exporting", vertex: "a", current: 0 },
    ],
    warnings: ["be careful"],
  });
  expect(events.map(brief)).toEqual([
    "step-start a x 1",
    "step-progress a layer 5 10",
    "step-progress a exporting 0",
    "step-end a 1 true",
    "warning BUILDKIT_WARNING be careful",
  ]);
});

test("a step that BuildKit takes up again starts and ends again", () => {
  const { events } = follow(
    { vertices: [{ digest: "a", name: "x", started: 1, completed: 2 }] },
    { vertices: [{ digest: "a", name: "x", started: 3, completed: 3 }] },
  );
  expect(events.map(brief)).toEqual([
    "step-start a x 1",
    "step-end a 2 false",
    "step-start a x 3",
    "step-end a 3 false",
  ]);
});

test("the last 20 lines are kept for the case that a step fails", () => {
  const message = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join("");
  const { steps } = follow({
    vertices: [{ digest: "a", name: "x", started: 1 }],
    logs: [{ vertex: "a", message }],
  });
  expect(steps[0]?.log).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 10}`));
});
