import { findStep } from "@imagespec/core";
import type { EntrypointStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

export function writeEntrypoint(emission: Emission, { arguments: words }: EntrypointStep): void {
  if (words.length > 0) {
    emission.call("config.entrypoint", { args: emission.texts(words, "entrypoint") });
    return;
  }
  const there = emission.base?.entrypoint ?? [];
  if (there.length === 0) return;
  emission.refuse("envd cannot take away the base's entrypoint", {
    code: "ENVD_ENTRYPOINT_OF_BASE",
    field: "entrypoint",
    hint: 'name one that runs what it is given: entrypoint: ["/usr/bin/env"]',
  });
}

/** What the image has in another form than the spec, or than its base. */
export function warnConfiguration(emission: Emission): void {
  const { base, plan } = emission;
  if (base?.cmd?.length && findStep(plan, "entrypoint") === undefined) {
    emission.warn("envd leaves out the base's CMD", {
      code: "ENVD_CMD_OF_BASE",
      field: "baseImage",
      hint: `give the image an entrypoint: ${JSON.stringify([...(base.entrypoint ?? []), ...base.cmd])}`,
    });
  }
  if (plan.workDirectory !== "/root" && plan.workDirectory !== base?.workingDir) {
    emission.warn(`the image's WORKDIR stays the base's; commands run in ${plan.workDirectory}`, {
      code: "ENVD_WORKDIR_OF_BASE",
      field: "workDirectory",
      hint: "give the container its folder where it is started: docker run --workdir DIRECTORY",
    });
  }
}
