import { type Availability, ImageSpecError } from "@imagespec/core";
import { findEndpoint } from "./endpoint.ts";
import { connectEngine } from "./engine.ts";
import { describeEngine } from "./engine-facts.ts";
import { openSession } from "./session/open-session.ts";

/** Whether there is an engine that can build, found out by opening a session as a build does. */
export async function probeEngine(signal: AbortSignal): Promise<Availability> {
  try {
    const engine = connectEngine(await findEndpoint());
    const { version, platform, store } = await describeEngine(engine, signal);
    const nothing = { secret: () => undefined, login: async () => undefined };
    (await openSession(engine, nothing, signal)).close();
    return {
      available: true,
      version,
      detail: `${engine.endpoint.address} (${platform}, ${store} image store)`,
    };
  } catch (error) {
    if (signal.aborted || !ImageSpecError.isInstance(error)) throw error;
    return { available: false, reason: error.message, hint: error.details.hint ?? "docker info" };
  }
}
