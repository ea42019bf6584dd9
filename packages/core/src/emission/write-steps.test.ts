import { expect, test } from "vitest";
import type { BuildPlan, PlanStep } from "../plan/build-plan.ts";
import { writeSteps } from "./write-steps.ts";

function planOf(...steps: readonly PlanStep[]): BuildPlan {
  const base = { kind: "reference", reference: "docker.io/library/debian:12" } as const;
  const rest = { recipe: 1, platforms: [], workDirectory: "/", builderOptions: {}, id: "" };
  return { destination: { name: "a" }, base, steps, ...rest };
}

test("each step goes to the writer of its kind, in order, and others are passed over", () => {
  const commands = { kind: "commands", commands: ["true"] };
  const apt = { kind: "apt", packages: ["git"] };
  const written: unknown[] = [];
  const plan = planOf(commands, { kind: "toString" }, apt, { kind: "labels", labels: {} });
  writeSteps(
    { plan, written },
    { apt: (to, step) => to.written.push(step), commands: (to, step) => to.written.push(step) },
  );
  expect(written).toEqual([commands, apt]);
});
