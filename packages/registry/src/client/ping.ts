import { MAX_ERROR_BYTES } from "../limits.ts";
import { verdictOf } from "./manifest-source.ts";
import type { Place } from "./place.ts";
import type { RegistrySession } from "./registry-session.ts";

/** What a registry answers to one who only asks whether it is there. */
export type RegistryGreeting = Readonly<
  | {
      verdict: "there";
      scheme: "https" | "http";
      /** The registry's clock, where it tells the time. */
      date?: Date | undefined;
    }
  | { verdict: "unknown"; reason: string; detail: string; hint?: string | undefined }
>;

/** The API version check of the distribution specification, without credentials: 200 and 401 both mean a registry. */
export async function ping(
  session: RegistrySession,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<RegistryGreeting> {
  try {
    const { answer } = await session.ask({
      place,
      method: "GET",
      path: "../",
      maxBody: MAX_ERROR_BYTES,
      actions: "pull",
      identity: { kind: "anonymous" },
      mayLogIn: false,
      signal,
    });
    const { status, url } = answer;
    if (status !== 200 && status !== 401)
      return {
        verdict: "unknown",
        reason: status >= 500 ? "server-error" : "not-a-registry",
        detail: `${place.host} answered ${status} at /v2/`,
        hint: "look whether the host and the port are those of a registry",
      };
    return {
      verdict: "there",
      scheme: url.protocol === "https:" ? "https" : "http",
      ...dateOf(answer.header("date")[0]),
    };
  } catch (error) {
    const { reason, detail, hint } = verdictOf(error);
    return { verdict: "unknown", reason, detail, ...(hint === undefined ? {} : { hint }) };
  }
}

function dateOf(text: string | undefined): { date?: Date } {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? {} : { date: new Date(time) };
}
