import { ImageSpecError, nearestName, parseImageReference } from "@imagespec/core";
import type { OptionsSchema } from "@imagespec/core/builder";

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
   * The user that the base image's containers run as, for an emitted Dockerfile whose base cannot be inspected. A
   * build asks the base itself.
   */
  baseUser?: string | undefined;
}>;

declare module "@imagespec/core/builder" {
  interface BuilderOptionsMap {
    docker: DockerOptions;
  }
}

/** The secret that holds the bundle of `caCertificates` while the image is built. */
export const CA_SECRET_ID = "imagespec-ca";

type Fault = Readonly<{ message: string; path?: readonly PropertyKey[] }>;

/** What is wrong with a value of each option, or nothing. */
const checks: Readonly<Record<keyof DockerOptions, (value: unknown) => string | undefined>> = {
  uvImage: checkReference,
  micromambaImage: checkReference,
  caCertificates: (value) => (isText(value) ? undefined : "must be the path of a PEM file"),
  baseUser: (value) => (isText(value) ? undefined : "must be the name or number of a user"),
};

/** Standard Schema v1. Unknown names are errors. */
export const dockerOptionsSchema: OptionsSchema<DockerOptions> = {
  "~standard": { version: 1, vendor: "imagespec", validate },
};

function validate(value: unknown): { value: DockerOptions } | { issues: readonly Fault[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { issues: [{ message: "must be an object" }] };
  }
  const issues = Object.entries(value).flatMap(([name, entry]) => faultsOf(name, entry));
  return issues.length > 0 ? { issues } : { value: value as DockerOptions };
}

function faultsOf(name: string, value: unknown): readonly Fault[] {
  if (!Object.hasOwn(checks, name)) return [{ message: unknownName(name), path: [name] }];
  const message = value === undefined ? undefined : checks[name as keyof DockerOptions](value);
  return message === undefined ? [] : [{ message, path: [name] }];
}

function unknownName(name: string): string {
  const known = Object.keys(checks);
  const nearest = nearestName(name, known);
  return `unknown option: ${nearest === undefined ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && !/\p{Cc}/u.test(value);
}

function checkReference(value: unknown): string | undefined {
  if (!isText(value)) return "must be the name of an image";
  try {
    parseImageReference(value);
    return undefined;
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return error.message;
  }
}
