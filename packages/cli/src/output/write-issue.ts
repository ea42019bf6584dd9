import type { Issue } from "@imagespec/core";
import { sanitize, sanitizeLine } from "./sanitize.ts";
import type { Surroundings } from "./surroundings.ts";

/** A warning for people, with what to do about it. */
export function formatWarning(
  { code, message, field, hint }: Pick<Issue, "code" | "message" | "field" | "hint">,
  about: string | undefined,
): readonly [head: string, text: string] {
  const place = [about, field].filter((part) => part !== undefined).join(" ");
  const advice = hint ? `  (${sanitizeLine(hint)})` : "";
  return [
    `warning[${code}]`,
    `${place === "" ? "" : `${sanitizeLine(place)}: `}${sanitize(message)}${advice}`,
  ];
}

export function writeIssue(issue: Issue, { stderr, paint }: Pick<Surroundings, "stderr" | "paint">): void {
  const [head, text] = formatWarning(issue, undefined);
  stderr.write(`${paint("yellow", head)} ${text}\n`);
}
