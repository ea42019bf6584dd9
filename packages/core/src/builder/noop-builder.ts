import type { BuildPlan } from "../plan/build-plan.ts";
import type { Builder, Capabilities, Existence, ImageIdentity, Issue, PlanInput } from "./builder.ts";
import { knownFeatures, planNeeds } from "./capabilities.ts";

export const noopName = "noop";

/** Everything is let through and said to be left out: there is no image of its own to put it into. */
const capabilities: Capabilities = Object.fromEntries(knownFeatures.map((feature) => [feature, true]));

function check({ plan }: PlanInput<unknown>): readonly Issue[] {
  if (plan.base.kind === "image") {
    return [
      {
        code: "SPEC_UNSUPPORTED_FIELD",
        severity: "error",
        field: "baseImage",
        message: "the noop builder takes a reference as baseImage, not a spec",
        hint: "name an image that is there",
      },
    ];
  }
  const needs = planNeeds(plan, { destination: "registry", registryConfig: false });
  return needs.map(({ field }) => ({
    code: "NOOP_LEAVES_OUT",
    severity: "warning",
    field,
    message: `the noop builder builds nothing: ${field} is not in the image`,
  }));
}

function baseOf({ base }: BuildPlan): ImageIdentity {
  const digest = base.kind === "reference" ? base.digest : undefined;
  return { reference: base.reference, ...(digest !== undefined && { digest }) };
}

/** The builder that builds nothing: the image is `baseImage` as it is, and nobody is asked whether it is there. */
export function noop(): Builder<unknown> {
  return {
    interfaceVersion: 1,
    name: noopName,
    capabilities,
    fingerprintOptions: () => undefined,
    probe: async () => ({ available: true, version: "1" }),
    check,
    exists: async ({ plan }): Promise<Existence> => ({ verdict: "present", image: baseOf(plan) }),
    build: async ({ plan }) => ({ ...baseOf(plan), warnings: [] }),
  };
}
