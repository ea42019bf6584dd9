import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Existence } from "@imagespec/core/builder";
import type { ConformanceCase } from "../kit.ts";
import { freshSpec, specFor, workshop } from "../run-build.ts";

const never = new AbortController().signal;

function assertThreeValued(existence: Existence | undefined): asserts existence {
  assert(existence);
  assert(["present", "absent", "unknown"].includes(existence.verdict), existence.verdict);
  if (existence.verdict === "unknown") assert(existence.reason.length > 0, "unknown without a reason");
}

export const availabilityCases: readonly ConformanceCase[] = [
  {
    name: "probe says a version, or what is missing and what helps",
    async run({ builder, options = {} }) {
      const found = await builder.probe(options, never);
      if (found.available) assert(found.version.length > 0, "available in no version");
      else assert(found.reason.length > 0 && found.hint.length > 0, "not available without reason or hint");
    },
  },
  {
    name: "probe takes away from what the builder can, and adds nothing",
    async run({ builder, options = {}, skip }) {
      const found = await builder.probe(options, never);
      if (!found.available || !found.capabilities) return skip("probe narrows nothing here");
      for (const [feature, value] of Object.entries(found.capabilities)) {
        if (value === true) assert.equal(builder.capabilities[feature], true, `${feature} is new`);
      }
    },
  },
  {
    name: "what nobody built is not there",
    async run(kit) {
      const place = await kit.place();
      const { engine } = workshop(kit, place);
      const [existence] = await engine.exists([freshSpec(kit, place)]);
      assertThreeValued(existence);
      assert.notEqual(existence.verdict, "present");
    },
  },
  {
    name: "where nobody can be asked, it is unknown",
    async run(kit) {
      if (kit.builder.remote) return kit.skip("it asks its own service, not the image's registry");
      const place = await kit.place();
      const { engine } = workshop(kit, place);
      const spec = { ...place.spec, registry: "registry.invalid/nowhere", env: { UNIQUE: randomUUID() } };
      const [existence] = await engine.exists([specFor(kit, spec)]);
      assertThreeValued(existence);
      assert.equal(existence.verdict, "unknown");
    },
  },
];
