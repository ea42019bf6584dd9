import { sanitizeLine } from "../output/sanitize.ts";
import { formatTable } from "../output/table.ts";

/** One thing that was looked at. A fault has a remedy. */
export type Finding = Readonly<{
  /** What: `docker`, `ghcr.io/org/app`, `disk`. */
  subject: string;
  state: "ok" | "fault";
  detail: string;
  hint?: string | undefined;
}>;

export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ subject, state, detail, hint }) => [
    [state, subject, sanitizeLine(detail)],
    ...(hint ? [["", "", `hint: ${sanitizeLine(hint)}`]] : []),
  ]);
  return formatTable(rows);
}
