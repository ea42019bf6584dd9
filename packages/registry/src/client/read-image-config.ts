import type { ImageConfig, ImageReference } from "@imagespec/core";
import type { Identity } from "../auth/authenticator.ts";
import { RegistryFault } from "../registry-fault.ts";
import { type ContentReader, contentReader } from "./content-reader.ts";
import { imageConfigOf } from "./image-config.ts";
import { describe, type Tools } from "./image-query.ts";
import { type Place, tagOrDigest } from "./place.ts";

export type ConfigQuestion = Readonly<{
  reference: ImageReference;
  /** In normal form. */
  platform: string;
  identity: Identity;
  signal: AbortSignal | undefined;
}>;

/** The config of the first place that has the image for the platform; undefined where none gives it. */
export async function readImageConfig(
  tools: Tools,
  places: readonly Place[],
  question: ConfigQuestion,
): Promise<ImageConfig | undefined> {
  const { identity, signal } = question;
  for (const place of places) {
    const reader = contentReader(tools.session, { place, identity, signal });
    const config = await unlessFaulty(() => configOf(tools, reader, question));
    if (config !== undefined) return config;
  }
  return undefined;
}

async function configOf(
  tools: Tools,
  reader: ContentReader,
  { reference, platform }: ConfigQuestion,
): Promise<ImageConfig | undefined> {
  const { platforms } = await describe(tools.facts, reader, tagOrDigest(reference));
  const image = platforms.find((candidate) => candidate.platform === platform);
  const manifest = image === undefined ? undefined : await reader.manifest(image.digest);
  return manifest?.kind === "image" ? imageConfigOf(await reader.config(manifest.config.digest)) : undefined;
}

/** "Could not be read" is an answer here: a base that was not inspected is planned as offline. */
async function unlessFaulty<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RegistryFault) return undefined;
    throw error;
  }
}
