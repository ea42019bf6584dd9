import {
  type Existence,
  formatImageReference,
  type ImageReference,
  normalizePlatform,
} from "@imagespec/core";
import type { Identity, Login } from "../auth/authenticator.ts";
import type { DigestCache } from "../manifest/digest-cache.ts";
import { type PlatformImage, readPlatforms } from "../manifest/read-platforms.ts";
import { type ContentReader, contentReader } from "./content-reader.ts";
import { askManifest, type Source, verdictOf } from "./manifest-source.ts";
import { type Place, tagOrDigest } from "./place.ts";
import type { RegistrySession } from "./registry-session.ts";
import type { Verdict } from "./verdict.ts";

/** What is known for ever about a digest. */
export type DigestFacts = Readonly<{ mediaType: string; platforms: readonly PlatformImage[] }>;

export type Tools = Readonly<{ session: RegistrySession; facts: DigestCache<DigestFacts> }>;

export type ImageQuestion = Readonly<{
  reference: ImageReference;
  identity: Identity;
  /** Platforms that have to be there; undefined: they are not looked at. */
  platforms: readonly string[] | undefined;
  signal: AbortSignal | undefined;
}>;

/** Whether one place has an image, with the platforms that are asked for. */
export async function askPlace(tools: Tools, place: Place, question: ImageQuestion): Promise<Existence> {
  const { reference, identity, platforms, signal } = question;
  const source = { place, identity, signal };
  const verdict = await askManifest(tools.session, source, reference);
  if (verdict.kind !== "present") return existenceOf(verdict);
  if (platforms === undefined || platforms.length === 0) return present(reference, verdict);
  try {
    return await comparePlatforms(tools, source, { question, verdict, platforms });
  } catch (error) {
    return existenceOf(verdictOf(error, verdict.login));
  }
}

type Present = Extract<Verdict, { kind: "present" }>;
type Comparison = Readonly<{ question: ImageQuestion; verdict: Present; platforms: readonly string[] }>;

async function comparePlatforms(
  tools: Tools,
  source: Source,
  { question, verdict, platforms }: Comparison,
): Promise<Existence> {
  const { reference } = question;
  const {
    digest,
    mediaType,
    platforms: found,
  } = await describe(
    tools.facts,
    contentReader(tools.session, source),
    verdict.digest ?? tagOrDigest(reference),
  );
  const missing = [...new Set(platforms.map(normalizePlatform))].filter(
    (name) => !found.some(({ platform }) => platform === name),
  );
  const full = { ...verdict, digest, mediaType };
  if (missing.length === 0) return present(reference, full, found);
  return {
    verdict: "absent",
    missingPlatforms: missing,
    detail: `${digest} is there, without ${missing.join(", ")}`,
    ...sourceOf(verdict.login),
  };
}

/** Reads by digest from the second request on, so that a tag that moves cannot mix two images. */
export async function describe(
  facts: Tools["facts"],
  reader: ContentReader,
  wanted: string,
): Promise<DigestFacts & Readonly<{ digest: string }>> {
  const kept = await facts.get(wanted);
  if (kept !== undefined) return { ...kept, digest: wanted };
  const { manifest, digest } = await reader.find(wanted);
  const platforms = await readPlatforms(digest, manifest, reader);
  const fact = { mediaType: manifest.mediaType, platforms };
  await facts.set(digest, fact);
  return { ...fact, digest };
}

function present(
  reference: ImageReference,
  { digest, mediaType, login }: Present,
  platforms?: readonly PlatformImage[],
): Existence {
  const image = {
    reference: formatImageReference(reference),
    ...(digest === undefined ? {} : { digest }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(platforms === undefined ? {} : { platforms }),
  };
  return { verdict: "present", image, ...sourceOf(login) };
}

function existenceOf(verdict: Exclude<Verdict, { kind: "present" }>): Existence {
  const source = sourceOf(verdict.login);
  if (verdict.kind === "absent") return { verdict: "absent", detail: verdict.detail, ...source };
  const { reason, detail, hint } = verdict;
  return { verdict: "unknown", reason, detail, ...(hint === undefined ? {} : { hint }), ...source };
}

function sourceOf(login: Login | undefined): Readonly<{ credentialSource?: string }> {
  return login === undefined ? {} : { credentialSource: login.source };
}

/** A fact as it was written; undefined for anything else. */
export function acceptFacts(value: unknown): DigestFacts | undefined {
  const { mediaType, platforms } = (value ?? {}) as Partial<Record<keyof DigestFacts, unknown>>;
  if (typeof mediaType !== "string" || !Array.isArray(platforms)) return undefined;
  const fit = platforms.every(
    (entry) => typeof entry?.platform === "string" && typeof entry?.digest === "string",
  );
  return fit ? { mediaType, platforms } : undefined;
}
