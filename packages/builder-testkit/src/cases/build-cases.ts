import assert from "node:assert/strict";
import { ImageSpecError } from "@imagespec/core";
import type { BuildEvent } from "@imagespec/core/builder";
import type { ConformanceCase, Kit } from "../kit.ts";
import { type Build, buildWell, freshSpec, runBuild } from "../run-build.ts";
import { assertEventOrder } from "./event-order.ts";

const spoken = "imagespec-conformance-says-this";

async function verdictOf(kit: Kit, { outcome }: Build): Promise<string> {
  const { client } = await kit.place();
  client.forget(outcome.reference);
  return (await client.exists(outcome.reference)).verdict;
}

/** A command that goes on for longer than any suite, or the place's own spec where there are no commands. */
function endless({ builder }: Kit): readonly string[] {
  return builder.capabilities.commands === true ? [`echo ${spoken}`, "sleep 86400"] : [];
}

/** When to give up: once the endless command runs; without one, once the build starts. */
function isMoment(event: BuildEvent, commands: readonly string[]): boolean {
  if (commands.length === 0) return event.type === "build-start";
  return event.type === "step-log" && event.line.includes(spoken);
}

/** Who builds elsewhere may know no more than what that place says. */
function assertExitCode({ builder }: Kit, { message, details: { step } }: ImageSpecError): void {
  if (builder.remote && step?.exitCode === undefined) assert.match(message, /\b7\b/);
  else assert.equal(step?.exitCode, 7);
}

export const buildCases: readonly ConformanceCase[] = [
  {
    name: "builds, pushes, and names the digest that the registry then has",
    async run(kit) {
      const place = await kit.place();
      const { outcome } = await buildWell(kit, freshSpec(kit, place));
      assert.equal(outcome.status, "built");
      const found = await place.client.exists(outcome.reference);
      assert(found.verdict === "present", `the registry says ${found.verdict}`);
      assert.equal(outcome.image?.digest, found.image.digest);
    },
  },
  {
    name: "tells a build in order",
    async run(kit) {
      const { outcome, events } = await buildWell(kit, freshSpec(kit, await kit.place()));
      assertEventOrder(events, outcome.reference);
    },
  },
  {
    name: "what is there is not built again, unless by force",
    async run(kit) {
      const spec = freshSpec(kit, await kit.place());
      await buildWell(kit, spec);
      const second = await buildWell(kit, spec);
      assert.equal(second.outcome.status, "present");
      assert.equal(second.calls.build, 0);
      const forced = await buildWell(kit, spec, { force: true });
      assert.equal(forced.outcome.status, "built");
      assert.equal(forced.calls.build, 1);
    },
  },
  {
    name: "a command that fails is an error with its exit code and its last lines, and pushes nothing",
    async run(kit) {
      if (kit.builder.capabilities.commands !== true) return kit.skip("it runs no commands");
      const commands = [`echo ${spoken}`, "exit 7"];
      const build = await runBuild(kit, freshSpec(kit, await kit.place(), { commands }));
      assert.equal(build.outcome.status, "failed");
      const { error } = build.outcome;
      assert(ImageSpecError.isInstance(error));
      assertExitCode(kit, error);
      assert(
        error.details.step?.log?.some((line) => line.includes(spoken)),
        "the log is missing",
      );
      assert.equal(await verdictOf(kit, build), "absent");
    },
  },
  {
    name: "ends on abort, and pushes nothing",
    async run(kit) {
      const commands = endless(kit);
      const controller = new AbortController();
      const onEvent = (event: BuildEvent): void => {
        if (isMoment(event, commands)) controller.abort();
      };
      const spec = freshSpec(kit, await kit.place(), commands.length > 0 ? { commands } : {});
      const build = await runBuild(kit, spec, { signal: controller.signal, onEvent });
      assert(controller.signal.aborted, "the build ended before it could be aborted");
      assert.equal(build.outcome.error?.code, "ABORTED", "an aborted build rejects");
      assert.equal(await verdictOf(kit, build), "absent");
    },
  },
];
