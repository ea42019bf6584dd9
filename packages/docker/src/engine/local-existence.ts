import type { BuildRequest, Existence } from "@imagespec/core";
import { findEndpoint } from "./endpoint.ts";
import { connectEngine } from "./engine.ts";
import { describeEngine } from "./engine-facts.ts";
import { findLocalImage, isForPlatform } from "./local-image.ts";

type Question = Pick<BuildRequest<unknown>, "plan" | "reference" | "signal">;

/**
 * Whether the engine's own store has the image, for the platforms of its plan.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` and its kin
 */
export async function askLocalStore({ plan, reference, signal }: Question): Promise<Existence> {
  const engine = connectEngine(await findEndpoint());
  await describeEngine(engine, signal);
  const image = await findLocalImage(engine, reference, signal);
  if (image === undefined) return { verdict: "absent" };
  const missingPlatforms = plan.platforms.filter((platform) => !isForPlatform(image, platform));
  if (missingPlatforms.length > 0) return { verdict: "absent", missingPlatforms };
  const platforms = plan.platforms.map((platform) => ({ platform }));
  return { verdict: "present", image: { reference, localId: image.id, platforms } };
}
