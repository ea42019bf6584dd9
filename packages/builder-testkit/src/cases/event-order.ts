import assert from "node:assert/strict";
import type { BuildEvent } from "@imagespec/core/builder";

/** Of one step: it starts before it ends, each time that it is made, and says what it says between. */
function assertStepOrder(step: string, types: readonly string[]): void {
  let isRunning = false;
  for (const type of types) {
    assert.equal(isRunning, type !== "step-start", `${step} is told out of order: ${types}`);
    isRunning = type !== "step-end";
  }
  assert(!isRunning, `${step} does not end: ${types}`);
}

function assertTimesRise(events: readonly BuildEvent[]): void {
  const times = events.flatMap((event) => ("time" in event ? [event.time] : []));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
    "a time lies before the one of an earlier event",
  );
}

/** The events of a build that ended well, in the order in which they came. */
export function assertEventOrder(events: readonly BuildEvent[], image: string): void {
  const own = events.filter((event) => event.image === image);
  assert.equal(own.length, events.length, "an event names another image");
  const order = own.map(({ type }) => type);
  const start = order.indexOf("build-start");
  assert(start >= 0, "no build-start");
  assert.equal(order.at(-1), "image-end");
  const early = own.slice(0, start).filter((event) => "step" in event);
  assert.deepEqual(early, [], "a step before build-start");
  const steps = new Set(own.flatMap((event) => ("step" in event ? [event.step] : [])));
  assert(steps.size > 0, "no step at all: people would look at nothing");
  for (const step of steps) {
    const said = own.filter((event) => "step" in event && event.step === step);
    assertStepOrder(
      step,
      said.map(({ type }) => type),
    );
  }
  assertTimesRise(own);
}
