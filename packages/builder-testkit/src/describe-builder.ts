import { afterAll, beforeAll, describe, test } from "vitest";
import type { BuilderUnderTest } from "./builder-under-test.ts";
import { conformanceCases } from "./conformance-cases.ts";
import { type Bench, setUpBench } from "./kit.ts";

/** Builds take as long as they take: the limit is for what hangs. */
const timeout = 600_000;

/**
 * Adds the conformance suite for a builder to a test file of vitest: its interface, that what it says it can is what
 * it does, refusals before anything starts, real builds and pushes, events, abort, secrets. A case that cannot run is
 * skipped with its reason.
 */
export function describeBuilder(subject: BuilderUnderTest): void {
  describe(`the ${subject.create().name} builder, as any builder,`, () => {
    let bench: Bench | undefined;
    beforeAll(async () => {
      bench = await setUpBench(subject);
    });
    afterAll(() => bench?.dispose());
    for (const { name, run } of conformanceCases) {
      test(name, { timeout }, async ({ skip }) => {
        if (bench) await run(bench.kit((reason) => skip(reason)));
      });
    }
  });
}
