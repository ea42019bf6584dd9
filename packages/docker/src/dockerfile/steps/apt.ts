import { createHash } from "node:crypto";
import type { AptStep, BasePlan } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { installApt } from "../scripts/apt.ts";
import { runStep } from "./run-step.ts";

/** The image at the bottom: what is built on it shares its distribution. */
function bottom(base: BasePlan): string {
  return base.kind === "image" ? bottom(base.plan.base) : base.reference;
}

/** Packages and lists of one distribution are of no use to another. */
function cacheName(emission: Emission): string {
  const digest = createHash("sha256").update(bottom(emission.plan.base)).digest("hex");
  return `imagespec-apt-${digest.slice(0, 12)}`;
}

export function writeApt(emission: Emission, { packages }: AptStep): void {
  const name = cacheName(emission);
  const shared = { type: "cache", sharing: "locked" };
  runStep(emission, emission.image, {
    mounts: [
      { ...shared, id: `${name}-archives`, target: "/var/cache/apt" },
      { ...shared, id: `${name}-lists`, target: "/var/lib/apt/lists" },
    ],
    script: installApt,
    arguments: [
      ...Object.entries(emission.options.aptMirrors ?? {}).flat(),
      "--",
      ...emission.texts(packages, "aptPackages"),
    ],
    step: "apt",
  });
}
