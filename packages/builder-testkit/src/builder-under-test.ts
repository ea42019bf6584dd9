import type { AnyBuilder, ImageSpec } from "@imagespec/core";
import type { RegistryService } from "@imagespec/core/builder";
import type { SecretMount } from "./samples.ts";

/** What real builds of a test need. */
export type BuildPlace = Readonly<{
  /** The prefix that images are pushed to, `127.0.0.1:5000/conformance`. It can be written to, and starts without them. */
  registry: string;
  /** Asks that registry: `registryClient()` of `@imagespec/registry`. */
  client: RegistryService;
  /** What the builder can build there: its base image, its options. A test adds fields that the builder supports. */
  spec: ImageSpec;
  /** Texts that must show nowhere: passwords of the registry, of the builder's service. */
  secrets?: readonly string[] | undefined;
  /** Packages that can be installed there, for builders with the features `pip` and `secrets`. */
  packages?: readonly string[] | undefined;
}>;

/** A builder, and how it is used by the suite. */
export type BuilderUnderTest = Readonly<{
  /** Gives a new builder each time, as the package's factory does. */
  create: () => AnyBuilder;
  /** The builder's options in every spec of the suite. */
  options?: Readonly<Record<string, unknown>> | undefined;
  /** A secret mount that the builder takes, where it does not take any file to any place. */
  secretMount?: SecretMount | undefined;
  /**
   * Called once, before the first build. A builder that cannot really build where the suite runs gives the reason
   * instead, which the skipped tests then show.
   */
  place: (() => Promise<BuildPlace>) | Readonly<{ skip: string }>;
}>;
