import { type BuildEvent, type ImageConfig, packContext } from "@imagespec/core";
import { type BuildOrder, buildImage } from "./build/build-image.ts";
import { emittedEntries } from "./build-context.ts";
import type { Engine } from "./engine.ts";
import { findLocalImage, isForPlatform, removeLocalImage } from "./local-image.ts";

/** Of the build that the config is wanted for. */
export type BaseOrder = Pick<BuildOrder, "image" | "base" | "platform" | "session" | "emit" | "signal"> &
  Readonly<{
    /** What a registry says the config is; counts where the engine has no such image yet. */
    known?: ImageConfig | undefined;
  }>;

/** Gives the image an id of its own, so that removing it never removes the base's own tag. */
const MARK = "dev.imagespec.inspected";

/**
 * The config of the image that the engine itself would start from: the one in its store, else the one that it pulls.
 * Pulling is left to a build of nothing but that image. Unlike a pull it moves no tag of the store, gets its login
 * from the session, and leaves the layers where the build that follows finds them.
 *
 * @throws ImageSpecError `BASE_IMAGE_NOT_FOUND` and its kin
 */
export async function findBaseConfig(engine: Engine, order: BaseOrder): Promise<ImageConfig> {
  const local = await findLocalImage(engine, order.base, order.signal);
  if (local !== undefined && isForPlatform(local, order.platform)) return local.config;
  if (order.known !== undefined) return order.known;
  const content = `FROM ${order.base}\nLABEL ${MARK}=""\n`;
  const id = await buildImage(engine, {
    ...order,
    emit: pullEvents(order.emit),
    reference: undefined,
    context: packContext(emittedEntries([{ path: "Dockerfile", content }])),
    buildArguments: {},
    noCache: false,
  });
  try {
    const pulled = await findLocalImage(engine, id, order.signal);
    if (pulled === undefined) throw new Error(`the image ${id} is gone`);
    return pulled.config;
  } finally {
    await removeLocalImage(engine, id);
  }
}

/** Of all steps only those that fetch the base are worth showing. */
function pullEvents(emit: (event: BuildEvent) => void): (event: BuildEvent) => void {
  const shown = new Set<string>();
  return (event) => {
    if (!("step" in event)) return;
    if (event.type === "step-start" && /\] FROM |load metadata for /.test(event.name)) shown.add(event.step);
    if (shown.has(event.step)) emit(event);
  };
}
