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

/** What keeps a spec from being built though it has a tag, and what its author may not expect. */
export function specIssues(spec: ImageSpec, packages: readonly string[]): Issue[] {
  return [...packageIssues(packages), ...expansionWarnings(spec)];
}
