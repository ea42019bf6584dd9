import { type AnyBuilder, type Availability, ImageSpecError } from "@imagespec/core";

/** Whether a builder can be used here; what it throws for that reason is told. */
export async function probeBuilder(builder: AnyBuilder, signal: AbortSignal): Promise<Availability> {
  try {
    return await builder.probe({}, signal);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return { available: false, reason: error.message, hint: error.details.hint ?? "" };
  }
}
