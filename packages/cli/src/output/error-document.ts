import type { ImageSpecError } from "@imagespec/core";

export type ErrorDocument = Readonly<{
  code: string;
  message: string;
  field?: string | undefined;
  file?: string | undefined;
  line?: number | undefined;
  hint?: string | undefined;
  step?: ImageSpecError["details"]["step"];
  /** Every fault that was found in the same pass, where there are several. */
  issues?: ImageSpecError["details"]["issues"];
}>;

/** What `--json` says of an error. */
export function errorDocument({ code, message, details }: ImageSpecError): ErrorDocument {
  const { field, file, line, hint, step, issues } = details;
  const several = issues && issues.length > 1 ? issues : undefined;
  return { code, message, field, file, line, hint, step, issues: several };
}
