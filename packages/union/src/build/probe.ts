import { ImageSpecError } from "@imagespec/core";
import type { Availability } from "@imagespec/core/builder";
import type { UnionClient } from "../client/union-client.ts";
import { findTask } from "./task.ts";

/** Available where somebody may sign in and the organisation has the builder. */
export async function probe(open: () => Promise<UnionClient>, signal: AbortSignal): Promise<Availability> {
  try {
    const client = await open();
    const task = await findTask(client, signal);
    const version = task.taskTemplate?.id?.version || "unknown";
    return { available: true, version, detail: client.settings.endpoint.host };
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return {
      available: false,
      reason: error.message,
      hint: error.details.hint ?? "check the configuration of Union",
    };
  }
}
