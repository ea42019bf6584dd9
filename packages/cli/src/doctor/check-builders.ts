import { askAvailability } from "@imagespec/core";
import type { Project } from "../project.ts";
import type { Finding } from "./finding.ts";

/** The builders that may be chosen here, each asked whether it can build. */
export async function checkBuilders({ builders }: Project, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name } of builders.list()) {
    const availability = await askAvailability(await builders.get(name), {}, signal);
    if (availability.available) findings.push({ subject: name, state: "ok", detail: availability.version });
    else {
      const { reason, hint } = availability;
      findings.push({ subject: name, state: "fault", detail: reason, hint: hint || undefined });
    }
  }
  return findings;
}
