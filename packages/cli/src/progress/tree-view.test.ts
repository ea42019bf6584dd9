import type { BuildEvent } from "@imagespec/core";
import * as fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { BuildState } from "./image-state.ts";
import { renderLine } from "./line.ts";
import { treeLines } from "./tree-view.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom("a\tb", "\r", "1%\r100%", "\u001B[2J", "日本語".repeat(30), "x".repeat(300)),
);
const image = fc.integer({ min: 1, max: 30 }).map((number) => `registry.example/image-${number}:tag`);
const time = fc.nat({ max: 4_000_000 });
const step = fc.constantFrom("1", "2", "3");

const event: fc.Arbitrary<BuildEvent> = fc.oneof(
  fc.record({
    type: fc.constant("image-planned" as const),
    image,
    name: text,
    builder: text,
    platforms: fc.constant([]),
  }),
  fc.record({ type: fc.constant("build-start" as const), image, time, builder: text, forced: fc.boolean() }),
  fc.record({ type: fc.constant("context" as const), image, bytes: fc.nat(), done: fc.boolean() }),
  fc.record({ type: fc.constant("step-start" as const), image, step, name: text, time }),
  fc.record({
    type: fc.constant("step-log" as const),
    image,
    step,
    stream: fc.constant("stdout" as const),
    line: text,
  }),
  fc.record({ type: fc.constant("step-progress" as const), image, step, item: text, current: fc.nat() }),
  fc.record({ type: fc.constant("step-end" as const), image, step, time, cached: fc.boolean() }),
  fc.record({
    type: fc.constant("push-progress" as const),
    image,
    item: text,
    status: text,
    current: fc.nat(),
  }),
  fc.record({
    type: fc.constant("image-end" as const),
    image,
    time,
    status: fc.constantFrom("built" as const, "present" as const, "failed" as const, "skipped" as const),
  }),
);

test("whatever happens, the picture fits the window, and every line is one line", () => {
  const size = fc.record({
    now: time,
    rows: fc.integer({ min: 1, max: 60 }),
    columns: fc.integer({ min: 1, max: 200 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), size, (events, moment) => {
      const state = new BuildState();
      for (const one of events) state.apply(one);
      const lines = treeLines(state.images, moment).map((line) =>
        renderLine(line, moment.columns, (_, plain) => plain),
      );
      expect(lines.length).toBeLessThanOrEqual(moment.rows);
      expect(lines.length).toBeGreaterThanOrEqual(Math.min(state.images.length, 1));
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThanOrEqual(moment.columns);
        expect(line).not.toMatch(/[\u0000-\u001F\u007F]/);
      }
    }),
  );
});

test("in the end each image has one line, however many there are", () => {
  const state = new BuildState();
  for (let number = 0; number < 100; number += 1) {
    state.apply({ type: "build-start", image: `image-${number}`, time: 0, builder: "docker", forced: false });
    state.apply({ type: "step-start", image: `image-${number}`, step: "1", name: "a step", time: 0 });
  }
  const moment = { now: 0, rows: Number.POSITIVE_INFINITY, columns: 80 };
  expect(treeLines(state.images, moment)).toHaveLength(100);
});
