import type { AnyBuilder, ImageSpec } from "@imagespec/core";
import type { HostOptions } from "@imagespec/registry";

/** A builder, a function that makes one, or the name of a builder or of a package that holds one. */
export type BuilderEntry = string | AnyBuilder | (() => AnyBuilder);

/** What `imagespec.config.ts` exports. Every field is optional. */
export type ImageSpecConfig = Readonly<{
  /** Fields laid under every spec. */
  defaults?: ImageSpec | undefined;
  /** Builders beside docker; those that have a priority compete with it where a spec names none. */
  builders?: readonly BuilderEntry[] | undefined;
  /** By host: `{ "registry.example.com:5000": { ca: "company.pem" } }`. Paths start from the config's folder. */
  registries?: Readonly<Record<string, HostOptions>> | undefined;
  /** The project's images: a spec, a list of specs, or specs by name. */
  images?: ImageSpec | readonly ImageSpec[] | Readonly<Record<string, ImageSpec>> | undefined;
  /** What the paths of specs are relative to. Default: the working directory. */
  pathsFrom?: "cwd" | "spec" | undefined;
}>;

/** The config as it is: for the types, and for what editors make of them. */
export function defineConfig(config: ImageSpecConfig): ImageSpecConfig {
  return config;
}
