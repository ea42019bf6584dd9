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
}>;

declare module "@imagespec/core/builder" {
  interface BuilderOptionsMap {
    docker: DockerOptions;
  }
}

/** The secret that holds the bundle of `caCertificates` while the image is built. */
export const CA_SECRET_ID = "imagespec-ca";

type Fault = Readonly<{ message: string; path?: readonly PropertyKey[] }>;

const names = ["uvImage", "micromambaImage", "caCertificates"] as const satisfies (keyof DockerOptions)[];

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
  if (!(names as readonly string[]).includes(name)) {
    return [{ message: `unknown option; known are ${names.join(", ")}`, path: [name] }];
  }
  const isText = value === undefined || (typeof value === "string" && /^[^\s\p{Cc}]/u.test(value));
  return isText ? [] : [{ message: "must be a text that is not empty", path: [name] }];
}
