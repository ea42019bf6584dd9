import type { Issue, KnownStep } from "@imagespec/core";
import { checkDockerfile } from "../../src/dockerfile/emit-dockerfile.ts";
import type { LentSecret } from "../../src/secret-mount-option.ts";
import { planInput, requirementsStep } from "./plan-input.ts";

/** A step of each kind that secrets can be lent to. That of packages has one of the spec's own. */
export const aptStep: KnownStep = { kind: "apt", packages: ["git"] };
export const condaStep: KnownStep = { kind: "conda", packages: ["gdal"], channels: [] };
export const commandsStep: KnownStep = { kind: "commands", commands: ["make"] };
export const pipStep: KnownStep = requirementsStep(["rich"], {
  secrets: [{ id: "own", target: "/own", kind: "file" }],
});
export const everyStep: readonly KnownStep[] = [aptStep, condaStep, pipStep, commandsStep];

/** What is said against secrets for these steps, with `…` for the option. */
export function secretFaults(
  steps: readonly KnownStep[],
  secretMounts: readonly LentSecret[],
): readonly string[] {
  const input = planInput(steps, { options: { secretMounts }, workDirectory: "/srv/app" });
  return checkDockerfile(input).map(tell);
}

function tell({ code, severity, field, message, hint }: Issue): string {
  const place = field?.replace("builderOptions.docker.secretMounts", "…");
  return `${severity} ${code} ${place}: ${message} (${hint})`;
}
