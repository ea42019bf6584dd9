import { ImageSpecError } from "@imagespec/core";
import { buildImage, buildQuery } from "../build/build-image.ts";
import { findEndpoint } from "../endpoint.ts";
import { connectEngine, type Engine } from "../engine.ts";
import { describeEngine } from "../engine-facts.ts";
import { findLocalImage, removeLocalImage } from "../local-image.ts";
import { StepProgress } from "../progress/step-progress.ts";
import { pushImage } from "../push-image.ts";
import type { BuildOrder, Driver, FoundEngine, OpenEngine } from "./driver.ts";

/** Docker's builder before BuildKit, for images that are nothing but files, variables and labels on a base. */
export const classicDriver: Driver = {
  name: "classic",
  async find({ environment, signal }) {
    const engine = connectEngine(await findEndpoint(environment));
    const { version, platform } = await describeEngine(engine, signal);
    const reason = (what: string): { reason: string } => ({ reason: `without BuildKit it has no ${what}` });
    const found: FoundEngine = {
      name: "classic",
      version,
      platform,
      address: engine.endpoint.address,
      detail: `${engine.endpoint.address} (${platform}, without BuildKit)`,
      abilities: {
        multiPlatform: reason("several platforms"),
        localStore: true,
        cacheFrom: [],
        cacheTo: [],
        attest: reason("attestations"),
        sourceDateEpoch: reason("times to set"),
      },
      findImage: (name, signal) => findLocalImage(engine, name, signal),
      open: async () => openClassic(engine, platform),
    };
    return found;
  },
};

function openClassic(engine: Engine, platform: string): OpenEngine {
  return {
    build: async (order) => ({ localId: await build(engine, platform, order) }),
    push: (order) => pushImage(engine, order),
    remove: (id) => removeLocalImage(engine, id),
    close: async () => {},
  };
}

/** Without its platform, which this builder does not know in FROM, and which is its own. */
async function build(engine: Engine, platform: string, order: BuildOrder): Promise<string> {
  refuseUnsafe(platform, order);
  const { platform: _, ...query } = buildQuery(order);
  return buildImage(engine, {
    ...order,
    platform,
    context: order.context([]),
    reader: new StepProgress(),
    query: { ...query, rm: "1", forcerm: "1" },
  });
}

/** This builder passes over what it does not know, and builds something else. */
function refuseUnsafe(platform: string, { dockerfile, platforms, image }: BuildOrder): void {
  const runs = /^RUN /m.test(dockerfile);
  const isOwn = platforms.every((one) => one === platform);
  if (!runs && isOwn) return;
  const what = isOwn ? "installs packages or runs commands" : `is for ${platforms.join(", ")}`;
  throw new ImageSpecError("ENGINE_NO_BUILDKIT", `this engine has no BuildKit, and the image ${what}`, {
    image,
    hint: "docker version   shows the engine; Docker 18.09 and newer have BuildKit",
  });
}
