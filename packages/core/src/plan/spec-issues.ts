import type { Issue } from "../builder/builder.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { isRequirement } from "../spec/requirement.ts";

function packageIssues(packages: readonly string[]): Issue[] {
  return packages
    .filter((one) => !isRequirement(one))
    .map((one) => ({
      code: "SPEC_NOT_A_REQUIREMENT",
      severity: "error",
      field: "packages",
      message: `${JSON.stringify(one)} is not a requirement as PEP 508 has them`,
      hint: 'write a name and a version: "numpy>=2"; options belong into pipExtraArgs',
    }));
}

function expansionWarnings(spec: ImageSpec): Issue[] {
  return Object.entries(spec.env ?? {})
    .filter(([, value]) => /\$(\w|\{)/.test(value))
    .map(([name]) => ({
      code: "SPEC_ENV_LITERAL",
      severity: "warning",
      field: `env.${name}`,
      message: "the $ in its value is literal: no variable is filled in",
    }));
}

/** Launchers install them when a task starts; who builds an image alone may look for them in it. */
function launcherWarnings({ runtimePackages = [] }: ImageSpec): Issue[] {
  if (runtimePackages.length === 0) return [];
  return [
    {
      code: "SPEC_RUNTIME_PACKAGES",
      severity: "warning",
      field: "runtimePackages",
      message: "the image does not hold them: they are for the launcher that starts it",
      hint: "what the image itself is to hold belongs into packages",
    },
  ];
}

/** What keeps a spec from being built though it has a tag, and what its author may not expect. */
export function specIssues(spec: ImageSpec, packages: readonly string[]): Issue[] {
  return [...packageIssues(packages), ...expansionWarnings(spec), ...launcherWarnings(spec)];
}
