import type { Existence } from "@imagespec/core";
import type { Places } from "../mirrors/places.ts";
import type { Place } from "./place.ts";

/** Answers about a connection, not by the registry. */
const unreached: ReadonlySet<string> = new Set([
  ...["refused", "unresolved", "unreachable", "timeout", "connection-lost", "tls", "proxy", "server-error"],
]);

/**
 * Asks the mirrors in order and then the registry itself, until one has it. What a mirror lacks or refuses proves
 * nothing; where the registry itself cannot be reached then, the answer is `mirror-miss`.
 */
export async function askPlaces(
  { origin, mirrors }: Places,
  ask: (place: Place) => Promise<Existence>,
): Promise<Existence> {
  const misses: string[] = [];
  for (const mirror of mirrors) {
    const answer = await ask(mirror);
    if (answer.verdict === "present") return { ...answer, mirror: mirror.host };
    if (isMiss(answer)) misses.push(mirror.host);
  }
  const answer = await ask(origin);
  if (misses.length === 0 || answer.verdict !== "unknown" || !unreached.has(answer.reason)) return answer;
  return {
    ...answer,
    reason: "mirror-miss",
    detail: `${misses.join(" and ")} does not have it, and ${origin.host}: ${answer.reason}, ${answer.detail ?? ""}`,
  };
}

function isMiss(answer: Existence): boolean {
  return answer.verdict === "absent" || (answer.verdict === "unknown" && answer.reason === "mirror-miss");
}
