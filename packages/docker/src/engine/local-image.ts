import {
  type ImageConfig,
  isSamePlatform,
  type JsonObject,
  type Platform,
  parsePlatform,
  textOf,
} from "@imagespec/core";
import type { Engine } from "./engine.ts";

const REMOVAL_MS = 30_000;

export type LocalImage = Readonly<{ id: string; platform: Platform; config: ImageConfig }>;

/** The image of that name or id in the engine's own store; undefined where there is none. */
export async function findLocalImage(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<LocalImage | undefined> {
  return localImageOf(await engine.json(`/images/${name}/json`, { signal, accept: [404] }));
}

/** An image as engines describe it; undefined for another answer. */
export function localImageOf(answer: unknown): LocalImage | undefined {
  const id = textOf(answer, "Id");
  if (id === undefined) return undefined;
  const platform = {
    os: textOf(answer, "Os") ?? "linux",
    architecture: textOf(answer, "Architecture") ?? "",
    variant: textOf(answer, "Variant"),
  };
  return { id, platform, config: configOf(objectOf(answer, "Config"), platform) };
}

/** A config as registries keep it, where names begin in lower case. */
export function imageConfigOf(image: unknown): ImageConfig {
  const platform = { os: textOf(image, "os") ?? "linux", architecture: textOf(image, "architecture") ?? "" };
  return configOf(objectOf(image, "config"), platform);
}

export function isForPlatform(image: LocalImage, platform: string): boolean {
  return isSamePlatform(image.platform, parsePlatform(platform));
}

/** Also after an abort. An image that is in use, or gone already, is left as it is. */
export async function removeLocalImage(engine: Engine, id: string): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_MS);
  await engine.json(`/images/${id}`, { method: "DELETE", signal, accept: [404, 409] });
}

function configOf(config: JsonObject, { os, architecture }: Platform): ImageConfig {
  return {
    user: textOf(config, "User") ?? "",
    env: Object.fromEntries(stringsOf(config.Env).map(splitVariable)),
    workingDir: textOf(config, "WorkingDir"),
    entrypoint: Array.isArray(config.Entrypoint) ? stringsOf(config.Entrypoint) : undefined,
    cmd: Array.isArray(config.Cmd) ? stringsOf(config.Cmd) : undefined,
    labels: objectOf(config, "Labels") as Readonly<Record<string, string>>,
    architecture,
    os,
  };
}

function splitVariable(variable: string): readonly [string, string] {
  const equals = variable.indexOf("=");
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function objectOf(value: unknown, name: string): JsonObject {
  const entry = (value as JsonObject | undefined)?.[name];
  return typeof entry === "object" && entry !== null ? (entry as JsonObject) : {};
}
