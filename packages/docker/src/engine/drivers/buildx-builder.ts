import { ImageSpecError, isSamePlatform, normalizePlatform, parsePlatform } from "@imagespec/core";
import { cacheTypes } from "../../options.ts";
import { askTool, type Question } from "../cli/find-tool.ts";
import type { Environment } from "../docker-config.ts";
import { findEndpoint } from "../endpoint.ts";
import { connectEngine } from "../engine.ts";
import { describeEngine, type EngineFacts } from "../engine-facts.ts";
import { findLocalImage, type LocalImage } from "../local-image.ts";
import type { Abilities } from "./abilities.ts";
import type { Search } from "./driver.ts";

/** A builder as `docker buildx inspect` describes it. */
export type Builder = Readonly<{
  name: string;
  /** `docker`, `docker-container`, `kubernetes` or `remote`. */
  driver: string;
  /** Its own first. */
  platforms: readonly string[];
}>;

/** The engine whose store images without a registry go into, where one answers. */
export type StoreEngine = Readonly<{
  store: EngineFacts["store"];
  findImage(name: string, signal: AbortSignal): Promise<LocalImage | undefined>;
}>;

/**
 * Asks buildx for a builder. Those that start when they are first used count as there.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` where there is none of that name, or it does not answer
 */
export async function findBuilder(
  buildx: readonly string[],
  name: string | undefined,
  question: Question,
): Promise<Builder> {
  const { stdout } = await askTool([...buildx, "inspect", ...(name === undefined ? [] : [name])], question);
  const value = (label: string): string | undefined =>
    new RegExp(`^\\s*${label}:\\s+(\\S.*)$`, "m").exec(stdout)?.[1];
  const fault = value("Error");
  if (fault !== undefined) throw notThere(name, fault);
  const platforms = (value("Platforms") ?? "linux/amd64")
    .replaceAll("*", "")
    .split(/,\s*/)
    .map(normalizePlatform);
  return {
    name: value("Name") ?? "default",
    driver: value("Driver") ?? "",
    platforms: unique(platforms),
  };
}

function unique(platforms: readonly string[]): readonly string[] {
  return platforms.filter(
    (one, index) =>
      platforms.findIndex((other) => isSamePlatform(parsePlatform(one), parsePlatform(other))) === index,
  );
}

function notThere(name: string | undefined, fault: string): ImageSpecError {
  const builder = name === undefined ? "the builder of buildx" : `the builder ${name}`;
  return new ImageSpecError("ENGINE_NOT_FOUND", `${builder} cannot be used: ${fault}`, {
    hint: "docker buildx ls   shows the builders; docker buildx create --use   makes one",
  });
}

/** No engine at all is no fault: images with a registry need none. */
export async function storeEngine({ environment, signal }: Search): Promise<StoreEngine | undefined> {
  try {
    const engine = connectEngine(await findEndpoint(environment));
    const { store } = await describeEngine(engine, signal);
    return { store, findImage: (name, asked) => findLocalImage(engine, name, asked) };
  } catch (error) {
    if (signal.aborted || !ImageSpecError.isInstance(error)) throw error;
    return undefined;
  }
}

/** `environment`: of the build, for the cache of GitHub's actions is known there alone. */
export function builderAbilities(
  { driver }: Builder,
  store: StoreEngine | undefined,
  environment: Environment,
): Abilities {
  const known = cacheTypes.filter((type) => type !== "gha" || environment.ACTIONS_RUNTIME_TOKEN);
  const isOld = driver === "docker" && store?.store !== "containerd";
  const because = { reason: "its builder is an engine with the older image store" };
  return {
    multiPlatform: isOld ? because : true,
    localStore: store === undefined ? { reason: "no engine answers to keep it" } : true,
    cacheFrom: isOld ? ["registry"] : known.filter((type) => type !== "inline"),
    cacheTo: isOld ? ["inline"] : known,
    attest: isOld ? because : true,
    sourceDateEpoch: isOld ? because : true,
  };
}
