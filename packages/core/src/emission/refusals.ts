import type { Issue } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";

export type Refusal = Readonly<{ code: string; field?: string | undefined; hint?: string | undefined }>;

/**
 * What an emitter has against a plan. What cannot be written is refused and left out, so that every refusal is found
 * in one pass.
 */
export class Refusals {
  readonly issues: Issue[] = [];

  refuse(message: string, { code, field, hint }: Refusal): void {
    this.issues.push({ code, severity: "error", message, field, hint });
  }

  warn(message: string, { code, field, hint }: Refusal): void {
    this.issues.push({ code, severity: "warning", message, field, hint });
  }

  /** @throws ImageSpecError of the first refusal, with all of them in its details */
  throwIfRefused(): void {
    throwIfRefused(this.issues);
  }
}

/** @throws ImageSpecError of the first error among the issues, with all of them in its details */
export function throwIfRefused(issues: readonly Issue[]): void {
  const refused = issues.filter(({ severity }) => severity === "error");
  const [first] = refused;
  if (!first) return;
  const { code, message, field, hint } = first;
  throw new ImageSpecError(code, message, { field, hint, issues: refused });
}
