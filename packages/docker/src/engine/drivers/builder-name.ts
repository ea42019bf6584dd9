import type { DockerOptions } from "../../options.ts";
import type { Environment } from "../docker-config.ts";

/** What names a builder of buildx where no option does; flyte's variable counts before Docker's own. */
const variables = ["FLYTE_DOCKER_BUILDKIT_BUILDER_NAME", "BUILDX_BUILDER"];

/** The builder of buildx that is named; undefined: whichever buildx has in use. */
export function builderName(options: DockerOptions, environment: Environment): string | undefined {
  return options.builder ?? variables.map((name) => environment[name]).find((name) => name);
}

/** Where that name comes from. */
export function builderSource(options: DockerOptions, environment: Environment): string {
  if (options.builder !== undefined) return "builderOptions.docker.builder";
  return variables.find((name) => environment[name]) ?? "nothing";
}
