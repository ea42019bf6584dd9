import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageSpecError } from "@imagespec/core";
import type { Availability } from "@imagespec/core/builder";
import type { EnvdOptions } from "../options.ts";
import { createHome } from "./envd-home.ts";
import { checkVersion, findEnvd } from "./find-envd.ts";

/** Whether envd is there and new enough. Asks neither a builder nor a registry. */
export async function probeEnvd({ binary }: EnvdOptions, signal: AbortSignal): Promise<Availability> {
  const directory = await mkdtemp(join(tmpdir(), "imagespec-envd-"));
  try {
    const program = { binary: await findEnvd(binary), home: await createHome(directory), signal };
    return { available: true, version: await checkVersion(program), detail: program.binary };
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return { available: false, reason: error.message, hint: error.details.hint ?? "" };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
