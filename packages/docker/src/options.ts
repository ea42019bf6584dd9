import { ImageSpecError, isLine, isRecord, optionsSchema, parseImageReference } from "@imagespec/core";
import type { OptionsSchema } from "@imagespec/core/builder";
import { type EngineName, engineNames, isEngineName } from "./engine/drivers/engine-name.ts";
import { checkSecretMounts, type LentSecret } from "./secret-mount-option.ts";

export const cacheTypes = ["registry", "inline", "local", "gha"] as const;
/** Where a build cache lies. Which of them an engine can use differs. */
export type CacheType = (typeof cacheTypes)[number];

/**
 * A build cache, with the attributes that buildx knows for its type: `{ type: "registry", ref: "ghcr.io/org/cache" }`,
 * `{ type: "local", src: "cache" }`. It changes how long a build takes, never what it gives.
 *
 * @see https://docs.docker.com/build/cache/backends/
 */
export type BuildCache = Readonly<{ type: CacheType }> & Readonly<Record<string, string>>;

/** Attestations that are attached to the image. Both are off unless asked for. */
export type Attestations = Readonly<{
  /** `generator`: the image that scans, where BuildKit's own (`docker/buildkit-syft-scanner`) is not to. */
  sbom?: boolean | Readonly<{ generator: string }> | undefined;
  provenance?: boolean | "min" | "max" | undefined;
}>;

/** What `builderOptions.docker` of a spec and the argument of `docker()` hold. A spec's value wins over the other. */
export type DockerOptions = Readonly<{
  /** An image that holds `/uv` and `/uvx`; uv is taken from it instead of being installed from the package index. */
  uvImage?: string | undefined;
  /** An image that holds `/usr/bin/micromamba`, for conda packages. */
  micromambaImage?: string | undefined;
  /**
   * A PEM bundle on this machine, of everything that the build is to trust. Steps that use the network read it as the
   * secret {@link CA_SECRET_ID}, so it is neither in the image nor in its history nor in its tag.
   */
  caCertificates?: string | undefined;
  /**
   * The image holds the bundle of `caCertificates` too, in `/etc/ssl/imagespec`, and its programs trust it. It is
   * part of the tag then. Default false.
   */
  keepCaCertificates?: boolean | undefined;
  /**
   * What apt asks instead, by what sources of the base's begin with:
   * `{ "http://deb.example.org/debian": "https://mirror.example.com/debian" }`. The image's sources stay as they are.
   */
  aptMirrors?: Readonly<Record<string, string>> | undefined;
  /**
   * The index of Python packages where the spec names none, and for our own tools. A lock says itself where its
   * packages come from.
   */
  pipMirror?: string | undefined;
  /**
   * The user that the base image's containers run as, for an emitted Dockerfile whose base cannot be inspected. A
   * build asks the base itself.
   */
  baseUser?: string | undefined;
  /** The only engine that may build. `IMAGESPEC_ENGINE` wins over it. Default: the first that is there. */
  engine?: EngineName | undefined;
  /** A builder of `docker buildx`, by its name. `BUILDX_BUILDER` where it is not given. */
  builder?: string | undefined;
  /** Where layers that were built before are looked for. */
  cacheFrom?: readonly BuildCache[] | undefined;
  /** Where layers are kept for other builds. */
  cacheTo?: readonly BuildCache[] | undefined;
  attest?: Attestations | undefined;
  /**
   * Secrets that steps may read, besides those that `pipSecretMounts` lends to the installing of Python packages. They
   * are in no layer, no label and no tag.
   */
  secretMounts?: readonly LentSecret[] | undefined;
  /**
   * Seconds since the epoch: the time of whatever the engine can give a time to, so that two builds can be equal to
   * the byte. Which files those are, differs from engine to engine.
   *
   * @see https://reproducible-builds.org/specs/source-date-epoch/
   */
  sourceDateEpoch?: number | undefined;
}>;

declare module "@imagespec/core/builder" {
  interface BuilderOptionsMap {
    docker: DockerOptions;
  }
}

/** The secret that holds the bundle of `caCertificates` while the image is built. */
export const CA_SECRET_ID = "imagespec-ca";

/** Where the image holds the bundle, if it is to. */
export const IMAGE_CERTIFICATES = "/etc/ssl/imagespec/ca.pem";

const NO_ADDRESS =
  "must be the address of a mirror, such as https://mirror.example.com/simple, without a login";

/** Nothing in it is special in any file or shell. A login belongs into a secret. */
function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\/[\w.:[\]-]+(\/[\w.~%+-]*)*$/.test(value);
}

function checkMirrors(value: unknown): string | undefined {
  const isGood = isRecord(value) && Object.entries(value).flat().every(isAddress);
  return isGood
    ? undefined
    : 'must be such as { "http://deb.example.org/debian": "https://mirror.example.com/debian" }';
}

/** Names never look like an option of a command. */
function isBuilderName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value);
}

/** Attributes are handed on as CSV, without quoting. */
function isAttribute([name, value]: readonly [string, unknown]): boolean {
  return /^[a-z][a-z0-9_-]*$/.test(name) && isLine(value) && !/[",]/.test(value);
}

function isCache(value: unknown): value is BuildCache {
  const isKnown = isRecord(value) && cacheTypes.some((type) => type === value.type);
  return isKnown && Object.entries(value).every(isAttribute);
}

function checkCaches(value: unknown): string | undefined {
  if (Array.isArray(value) && value.every(isCache)) return undefined;
  return `must be a list such as [{ type: "registry", ref: "ghcr.io/org/cache" }], of ${cacheTypes.join(", ")}`;
}

function checkAttestations(value: unknown): string | undefined {
  if (!isRecord(value)) return "must be { sbom: true, provenance: true }";
  const isGood = Object.entries(value).every(([name, entry]) =>
    name === "sbom"
      ? typeof entry === "boolean" || isScanner(entry)
      : name === "provenance" && [true, false, "min", "max"].some((mode) => mode === entry),
  );
  return isGood
    ? undefined
    : 'has sbom: true, false or { generator: IMAGE }, and provenance: true, false, "min" or "max"';
}

function isScanner(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).join() !== "generator") return false;
  return checkReference(value.generator) === undefined;
}

function checkReference(value: unknown): string | undefined {
  if (!isLine(value)) return "must be the name of an image";
  try {
    parseImageReference(value);
    return undefined;
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return error.message;
  }
}

/** Standard Schema v1. Unknown names are errors. */
export const dockerOptionsSchema: OptionsSchema<DockerOptions> = optionsSchema<DockerOptions>({
  uvImage: checkReference,
  micromambaImage: checkReference,
  caCertificates: (value) => (isLine(value) ? undefined : "must be the path of a PEM file"),
  keepCaCertificates: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  aptMirrors: checkMirrors,
  pipMirror: (value) => (isAddress(value) ? undefined : NO_ADDRESS),
  baseUser: (value) => (isLine(value) ? undefined : "must be the name or number of a user"),
  engine: (value) => (isEngineName(value) ? undefined : `must be one of ${engineNames.join(", ")}`),
  builder: (value) => (isBuilderName(value) ? undefined : "must be the name of a builder of docker buildx"),
  cacheFrom: checkCaches,
  cacheTo: checkCaches,
  attest: checkAttestations,
  secretMounts: checkSecretMounts,
  sourceDateEpoch: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "must be whole seconds since the epoch",
});
