import type { BuildEvent } from "@imagespec/core/builder";
import { expect, test } from "vitest";
import { linesLikeProgress, ProgressReader } from "./progress.ts";

const image = "localhost:5000/app:1";
const digest = `sha256:${"a".repeat(64)}`;

function read(...lines: readonly string[]) {
  return readAround([], lines);
}

function readAround(commands: readonly string[], lines: readonly string[]) {
  const events: BuildEvent[] = [];
  const reader = new ProgressReader(image, (event) => events.push(event), linesLikeProgress(commands));
  for (const line of lines) reader.read(line);
  const told = events.map(({ type, ...event }) => {
    const { time: _t, image: _i, ...rest } = event as Record<string, unknown>;
    return { type, ...rest };
  });
  return { reader, told };
}

test("steps begin, print and end, whichever comes between", () => {
  const { told } = read(
    "#1 bash -c set -euo pipefail",
    "#2 docker-image://localhost:5000/base:1",
    "#1 0.123 hello",
    "#2 CACHED",
    "#1 12.5   indented",
    "#1 DONE 13.1s",
  );
  expect(told).toEqual([
    { type: "step-start", step: "1", name: "bash -c set -euo pipefail" },
    { type: "step-start", step: "2", name: "docker-image://localhost:5000/base:1" },
    { type: "step-log", step: "1", stream: "stdout", line: "hello" },
    { type: "step-end", step: "2", cached: true, error: undefined },
    { type: "step-log", step: "1", stream: "stdout", line: "  indented" },
    { type: "step-end", step: "1", cached: false, error: undefined },
  ]);
});

test("the step that failed is kept with its last lines, not one that was cancelled for it", () => {
  const logs = Array.from({ length: 30 }, (_, index) => `#2 0.1 line ${index}`);
  const { reader } = read("#1 other", "#2 false", ...logs, "#1 CANCELED", "#2 ERROR: exit code: 1");
  expect(reader.failed).toMatchObject({ id: "2", name: "false", error: "exit code: 1" });
  expect(reader.failed?.log).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 10}`));
});

test("a cache that cannot be imported is not what failed", () => {
  const lines = ["#1 importing cache manifest from h/a:1", "#1 ERROR: h/a:1: not found", "#2 false"];
  expect(read(...lines).reader.failed).toBeUndefined();
  expect(read(...lines, "#2 ERROR: exit code: 1").reader.failed).toMatchObject({ id: "2" });
});

test("what a step prints is never taken for its state or for a digest", () => {
  const { reader, told } = read(
    "#1 printf",
    "#1 0.1 DONE 0.1s",
    `#1 0.2 pushing manifest for x@${digest} done`,
  );
  expect(told.filter(({ type }) => type === "step-end")).toEqual([]);
  expect(reader.digest).toBeUndefined();
});

test("the text of a command, which envd prints when its step begins, is no progress", () => {
  const commands = ["# first", "#1 ERROR: it's no error", "#9 exporting to image\necho"];
  const text = ["# first", "#1 ERROR: it'\\''s no error", "#9 exporting to image", "echo'"];
  const { told } = readAround(commands, ["#1 bash -c set -euo pipefail", ...text, "#1 DONE 0.1s"]);
  expect(told).toEqual([
    { type: "step-start", step: "1", name: "bash -c set -euo pipefail" },
    { type: "step-end", step: "1", cached: false, error: undefined },
  ]);
});

test("a step that prints before it was named has no name but its number", () => {
  const { told } = read("#7 0.1 #8 DONE 0.1s", "#7 ERROR: exit code: 1");
  expect(told).toEqual([
    { type: "step-start", step: "7", name: "#7" },
    { type: "step-log", step: "7", stream: "stdout", line: "#8 DONE 0.1s" },
    { type: "step-end", step: "7", cached: false, error: "exit code: 1" },
  ]);
});

test("the digest is that of the manifest that was pushed", () => {
  const { reader } = read("#9 exporting to image", `#9 pushing manifest for ${image}@${digest} 0.1s done`);
  expect(reader.digest).toBe(digest);
});

test("steps that nothing more is said of end with the build", () => {
  const { reader, told } = read("#1 sleep", "not progress", "#x neither");
  reader.close("cancelled");
  reader.close("twice");
  expect(told).toHaveLength(1);
  const { reader: other } = read("#1 sleep");
  other.close("cancelled");
  expect(other.failed).toBeUndefined();
});
