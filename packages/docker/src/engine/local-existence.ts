import type { BuildRequest, Existence } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { requireAbilities } from "./drivers/abilities.ts";
import { chooseEngine } from "./drivers/choose-engine.ts";
import { isForPlatform } from "./local-image.ts";

/**
 * Whether the store of the engine that would build has the image, for the platforms of its plan.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` and its kin; `ENGINE_NO_LOCAL_STORE`
 */
export async function askLocalStore(request: BuildRequest<DockerOptions>): Promise<Existence> {
  const { plan, options, reference, destination, signal } = request;
  const { platforms } = plan;
  const asked = { platforms, options, destination, image: reference };
  const search = { options, environment: process.env, signal };
  const { found } = await chooseEngine(search, async ({ name, abilities }) => {
    requireAbilities(name, abilities, asked);
  });
  const image = await found.findImage(reference, signal);
  if (image === undefined) return { verdict: "absent" };
  const missingPlatforms = platforms.filter((platform) => !isForPlatform(image, platform));
  if (missingPlatforms.length > 0) return { verdict: "absent", missingPlatforms };
  const identity = { reference, localId: image.id, platforms: platforms.map((platform) => ({ platform })) };
  return { verdict: "present", image: identity };
}
