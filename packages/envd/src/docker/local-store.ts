import { ImageSpecError } from "@imagespec/core";
import type { BuildRequest, Existence } from "@imagespec/core/builder";
import { askEngine } from "./engine.ts";

/** The id of an image of Docker's own store; undefined where it is not there. */
export async function localImageId(reference: string, signal: AbortSignal): Promise<string | undefined> {
  const path = `/images/${reference}/json`;
  const answer = await askEngine({ path, method: "GET", signal });
  return (answer as { Id?: string } | undefined)?.Id;
}

/** Whether Docker's own store has the image. */
export async function askLocalStore({ reference, signal }: BuildRequest<unknown>): Promise<Existence> {
  try {
    const localId = await localImageId(reference, signal);
    return localId === undefined
      ? { verdict: "absent" }
      : { verdict: "present", image: { reference, localId } };
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return {
      verdict: "unknown",
      reason: "engine-unreachable",
      detail: error.message,
      hint: error.details.hint,
    };
  }
}
