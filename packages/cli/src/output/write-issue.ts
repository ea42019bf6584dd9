import type { BuildEvent, Issue } from "@imagespec/core";
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

type Stderr = Pick<Surroundings, "stderr" | "paint">;

/** Shows the warnings of all that happens, for where nothing is built. */
export function onWarning(surroundings: Stderr): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === "warning") writeIssue({ ...event, severity: "warning" }, surroundings);
  };
}

/** Shows nothing but what somebody has to do, without which a command would wait for ever. */
export function onWaiting(surroundings: Stderr): (event: BuildEvent) => void {
  const warn = onWarning(surroundings);
  return (event) => {
    if (event.type === "warning" && event.waiting) warn(event);
  };
}

export function writeIssue(issue: Issue, { stderr, paint }: Stderr): void {
  const [head, text] = formatWarning(issue, undefined);
  stderr.write(`${paint("yellow", head)} ${text}\n`);
}
