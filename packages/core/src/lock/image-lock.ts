import { compareText } from "../plan/encode-canonical.ts";

/** What the file is called, beside the config or in the working directory. */
export const lockFileName = "imagespec.lock.json";
/** Of the file's form. */
export const lockVersion = 1;

/** An image that is taken by its digest: that of its index, or of its manifest where it has no index. */
export type LockedImage = Readonly<{
  digest: string;
  /** Of what `digest` names. */
  mediaType?: string | undefined;
  /** Digests of manifests, by platform (`linux/amd64`): everything that the image is there for. */
  platforms: ReadonlyMap<string, string>;
}>;

/** Versions of a builder's tools, by the tool's name. */
export type LockedTools = ReadonlyMap<string, string>;

/** What a lock pins. */
export type ImageLock = Readonly<{
  /** Of the plans that it was made for. */
  recipe: number;
  /** By the builder's name. */
  tools: ReadonlyMap<string, LockedTools>;
  /** By canonical reference, `docker.io/library/python:3.12-slim-bookworm`. */
  images: ReadonlyMap<string, LockedImage>;
}>;

/** What a project without a lock has. */
export const emptyLock: ImageLock = { recipe: 1, tools: new Map(), images: new Map() };

type Value<T> = T | Readonly<Record<string, unknown>>;

function sorted<T>(map: ReadonlyMap<string, T>, show: (value: T) => Value<unknown>): Record<string, unknown> {
  const entries = [...map].sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(entries.map(([name, value]) => [name, show(value)]));
}

function imageDocument({ digest, mediaType, platforms }: LockedImage): Value<unknown> {
  return { digest, mediaType, platforms: sorted(platforms, (platform) => platform) };
}

/** The text of the file: equal locks give equal bytes. */
export function formatLock({ recipe, tools, images }: ImageLock): string {
  const document = {
    version: lockVersion,
    recipe,
    tools: sorted(tools, (versions) => sorted(versions, (version) => version)),
    images: sorted(images, imageDocument),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The digests of a lock, by reference. */
export function lockedDigests({ images }: ImageLock): ReadonlyMap<string, string> {
  return new Map([...images].map(([reference, { digest }]) => [reference, digest]));
}
