import type { BuildOrder } from "./driver.ts";
import { withMountedContent } from "./mounted-content.ts";
import { withMountedStages } from "./mounted-stages.ts";

/** A Dockerfile with which podman and buildah do what BuildKit does. */
export async function containersDockerfile({ dockerfile, entries }: BuildOrder): Promise<string> {
  return withMountedStages(await withMountedContent(dockerfile, entries()));
}
