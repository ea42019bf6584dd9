import { findStep } from "@imagespec/core";
import type { BuildPlan, EnvironmentStep, Issue } from "@imagespec/core/builder";
import { flattenPlans, stepSecrets } from "./plan-parts.ts";
import { mountFault } from "./secret-mounts.ts";

const unsupported = { code: "SPEC_UNSUPPORTED_FIELD", severity: "error" } as const;

function pythonIssues(plan: BuildPlan): Issue[] {
  const version = findStep(plan, "python")?.version;
  if (version === undefined || /^\d+\.\d+$/.test(version)) return [];
  const message = `the union builder takes a Python by its minor version, and not ${JSON.stringify(version)}`;
  const hint = `write ${JSON.stringify(version.split(".").slice(0, 2).join("."))}, or build with docker`;
  return [{ ...unsupported, field: "pythonVersion", message, hint }];
}

function extendsUnknownPath({ extraPath, variables }: EnvironmentStep): boolean {
  return extraPath.length > 0 && variables.PATH === undefined;
}

function pathIssues(plan: BuildPlan): Issue[] {
  const step = findStep(plan, "environment");
  if (!step || !extendsUnknownPath(step)) return [];
  const message = "the union builder cannot put folders in front of a PATH that only Union's builder knows";
  return [
    { ...unsupported, field: "extraPath", message, hint: "set PATH whole in env; docker and envd can" },
  ];
}

function secretIssues(plan: BuildPlan): Issue[] {
  return plan.steps.flatMap(stepSecrets).flatMap((mount): Issue[] => {
    if (mount.kind === "netrc") return [urlLogin];
    const fault = mountFault(mount);
    if (fault === undefined) return [];
    const hint = 'store it with Union and name it: [["key", "VARIABLE"]] or [["group/key", "VARIABLE"]]';
    return [{ ...unsupported, field: "pipSecretMounts", message: fault, hint }];
  });
}

const urlLogin: Issue = {
  code: "SPEC_CREDENTIALS_IN_URL",
  severity: "error",
  field: "pipIndex",
  message: "a URL holds a login, and the union builder has no way to keep it out of what it uploads",
  hint: "store the login with Union and name it in pipSecretMounts, or build with docker",
};

/** Every reason why the message would not say all that the plan says. Empty when it does. */
export function checkImageSpecMessage(plan: BuildPlan): readonly Issue[] {
  return flattenPlans(plan).flatMap((one) => [
    ...pythonIssues(one),
    ...pathIssues(one),
    ...secretIssues(one),
  ]);
}
