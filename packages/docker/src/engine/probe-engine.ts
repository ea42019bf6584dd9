import { type Availability, type Capabilities, ImageSpecError } from "@imagespec/core";
import { dockerCapabilities } from "../capabilities.ts";
import type { DockerOptions } from "../options.ts";
import { chooseEngine } from "./drivers/choose-engine.ts";
import type { FoundEngine } from "./drivers/driver.ts";

/** Which engine would build and why that one, found out by opening it as a build does. */
export async function probeEngine(options: DockerOptions, signal: AbortSignal): Promise<Availability> {
  try {
    const search = { options, environment: process.env, signal };
    const { found, reason } = await chooseEngine(search, async (engine) => engine.check?.(signal));
    return {
      available: true,
      version: found.version,
      detail: reason === undefined ? found.detail : `${found.name}: ${found.detail}; ${reason}`,
      capabilities: capabilitiesOf(found),
    };
  } catch (error) {
    if (signal.aborted || !ImageSpecError.isInstance(error)) throw error;
    return { available: false, reason: reasonsOf(error), hint: error.details.hint ?? "docker info" };
  }
}

function capabilitiesOf({ abilities }: FoundEngine): Capabilities {
  const { multiPlatform, localStore } = abilities;
  return { ...dockerCapabilities, multiPlatform, localStore };
}

/** Of the engine that is wanted most; those that are only not there are not worth a word. */
function reasonsOf({ message, cause }: ImageSpecError): string {
  const faults: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  const others = faults
    .filter(ImageSpecError.isInstance)
    .filter(({ code }) => !/NOT_FOUND$|UNSUPPORTED$/.test(code));
  return [message, ...others.map((other) => other.message)].join("; ");
}
