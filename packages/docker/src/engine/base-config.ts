import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { type BuildEvent, type EmittedFile, type ImageConfig, packContext } from "@imagespec/core";
import { emittedEntries } from "./build-context.ts";
import type { BuildOrder, FoundEngine, OpenEngine } from "./drivers/driver.ts";
import { isForPlatform } from "./local-image.ts";

/** Of the build that the config is wanted for. */
export type BaseOrder = Pick<BuildOrder, "image" | "base" | "platforms" | "proxies" | "emit" | "signal"> &
  Readonly<{
    /** What a registry says the config is; counts where the engine has no such image yet. */
    known?: ImageConfig | undefined;
  }>;

type Engines = Readonly<{ found: FoundEngine; engine: OpenEngine }>;

/**
 * Gives the image an id of its own, so that removing it removes neither the base's own tag nor what another build,
 * which may ask for the same base at the same time, is about to look at.
 */
const MARK = "dev.imagespec.inspected";

/**
 * The config of the image that the engine itself would start from: the one in its store, else the one that it pulls.
 * Pulling is left to a build of nothing but that image. Unlike a pull it moves no tag of the store, gets its login
 * from the session, and leaves the layers where the build that follows finds them.
 *
 * @throws ImageSpecError `BASE_IMAGE_NOT_FOUND` and its kin
 */
export async function findBaseConfig(engines: Engines, order: BaseOrder): Promise<ImageConfig> {
  const { base, platforms, known, signal } = order;
  const [platform = engines.found.platform] = platforms;
  const local = await engines.found.findImage(base, signal);
  if (local !== undefined && isForPlatform(local, platform)) return local.config;
  if (known !== undefined) return known;
  return (await engines.engine.baseConfig?.(base, platform)) ?? pulledConfig(engines, order);
}

async function pulledConfig({ found, engine }: Engines, order: BaseOrder): Promise<ImageConfig> {
  const dockerfile = `FROM ${order.base}\nLABEL ${MARK}="${randomUUID()}"\n`;
  const files = (more: readonly EmittedFile[]) =>
    emittedEntries([{ path: "Dockerfile", content: dockerfile }, ...more]);
  const { localId = "" } = await engine.build({
    ...order,
    emit: pullEvents(order.emit),
    reference: undefined,
    dockerfile,
    unlabelled: { text: dockerfile, labels: {} },
    entries: () => Readable.from(files([])),
    report: () => {},
    context: (more) => packContext(files(more)),
    buildArguments: {},
    noCache: false,
  });
  try {
    const pulled = await found.findImage(localId, order.signal);
    if (pulled === undefined) throw new Error(`the image ${localId} is gone`);
    const { [MARK]: _, ...labels } = pulled.config.labels;
    return { ...pulled.config, labels };
  } finally {
    await engine.remove?.(localId);
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
