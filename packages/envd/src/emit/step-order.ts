import type { Emission } from "./emission.ts";

/** When envd does what a step asks for, whatever the order of the calls. The other kinds only describe the image. */
const stages: ReadonlyMap<string, number> = new Map([
  ...["apt", "python", "conda", "requirements", "project"].map((kind) => [kind, 0] as const),
  ["files", 1],
  ["commands", 2],
]);

/** A step that envd would do before one that stands in front of it does not get what it needs of that. */
export function refuseOrder(emission: Emission): void {
  let last = { kind: "", stage: 0 };
  for (const { kind } of emission.plan.steps) {
    const stage = stages.get(kind);
    if (stage === undefined) continue;
    if (stage >= last.stage) last = { kind, stage };
    else refuseStep(emission, kind, last.kind);
  }
}

function refuseStep(emission: Emission, kind: string, before: string): void {
  emission.refuse(`envd does ${kind} before ${before}, which the plan has in front of it`, {
    code: "ENVD_STEP_ORDER",
    hint: "make two images of it: baseImage takes a spec",
  });
}
