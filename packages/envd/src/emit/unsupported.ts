import { findStep } from "@imagespec/core";
import type { BuildPlan, Issue, SecretMount } from "@imagespec/core/builder";
import { envdCapabilities } from "../capabilities.ts";

type Need = Readonly<{ feature: string; field: string; isNeeded: boolean; code?: string }>;

function needs(plan: BuildPlan): readonly Need[] {
  const project = findStep(plan, "project");
  const secrets = findStep(plan, "requirements")?.secrets ?? project?.secrets ?? [];
  const isExec = findStep(plan, "python")?.executable !== undefined;
  const isOfUrl = ({ kind }: SecretMount): boolean => kind === "netrc";
  return [
    { feature: "multiPlatform", field: "platform", isNeeded: plan.platforms.length > 1 },
    { feature: "pythonExec", field: "pythonExec", isNeeded: isExec },
    { feature: "installProject", field: "installProject", isNeeded: project?.installProject === true },
    { feature: "secrets", field: "pipSecretMounts", isNeeded: !secrets.every(isOfUrl) },
    {
      feature: "secrets",
      field: "pipIndex",
      isNeeded: secrets.some(isOfUrl),
      code: "SPEC_CREDENTIALS_IN_URL",
    },
  ];
}

/**
 * What a plan asks for that no text could say. The engine refuses it by the builder's capabilities before it asks for
 * a text; an emitter that is called by itself has nobody to do so.
 */
export function unsupportedNeeds(plan: BuildPlan): readonly Issue[] {
  return needs(plan)
    .filter(({ isNeeded }) => isNeeded)
    .map(({ feature, field, code = "SPEC_UNSUPPORTED_FIELD" }) => {
      const known = envdCapabilities[feature];
      const reason = typeof known === "object" ? `: ${known.reason}` : "";
      const message = `the envd builder does not support ${field}${reason}`;
      const hint = `leave out ${field}, or use the docker builder`;
      return { code, severity: "error", field, message, hint };
    });
}
