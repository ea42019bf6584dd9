import type { DockerOptions } from "../../options.ts";
import type { Environment } from "../docker-config.ts";

/** The builder of buildx that is named; undefined: whichever buildx has in use. */
export function builderName(options: DockerOptions, environment: Environment): string | undefined {
  return options.builder ?? (environment.BUILDX_BUILDER || undefined);
}
