import { optionsSchema } from "@imagespec/core";
import type { OptionsSchema } from "@imagespec/core/builder";

/**
 * What `builderOptions.union` of a spec and the argument of `union()` hold; it wins over the variables and the
 * configuration file. None of it reaches the image. Secrets have no place here: an API key comes by
 * `FLYTE_API_KEY` or `UNION_API_KEY`, a client's secret by the configuration file.
 */
export type UnionOptions = Readonly<{
  /** `org.hosted.example`, `dns:///host:port` or a URL. */
  endpoint?: string | undefined;
  /** Plain text, and nobody signs in. */
  insecure?: boolean | undefined;
  /** A configuration file, instead of the search for one. */
  config?: string | undefined;
  /** How the server is spoken to, over HTTP/2 for gRPC; Union's servers speak both. Default `connect`. */
  protocol?: "connect" | "grpc" | undefined;
  org?: string | undefined;
  project?: string | undefined;
  domain?: string | undefined;
}>;

export type Protocol = NonNullable<UnionOptions["protocol"]>;

/** What the program that builds lends beside options: how its people are reached, and who signs in for them. */
export type UnionHost = Readonly<{
  /** Headers that Union's servers are given as they are, asked for before each call: `admin.authType` Passthrough. */
  headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Somebody is there to sign in. Default: standard error is a terminal, and `CI` is not set. */
  isInteractive?: boolean | undefined;
  /** Shows the page to sign in at. Default: the desktop's own way. */
  openBrowser?: ((url: string) => void) | undefined;
}>;

declare module "@imagespec/core/builder" {
  interface BuilderOptionsMap {
    union: UnionOptions;
  }
}

function checkText(value: unknown): string | undefined {
  return typeof value === "string" && /^[^\p{Cc}]+$/u.test(value) ? undefined : "must be a text in one line";
}

/** Standard Schema v1. Unknown names are errors. */
export const unionOptionsSchema: OptionsSchema<UnionOptions> = optionsSchema<UnionOptions>({
  endpoint: checkText,
  insecure: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  config: checkText,
  protocol: (value) => (value === "connect" || value === "grpc" ? undefined : 'must be "connect" or "grpc"'),
  org: checkText,
  project: checkText,
  domain: checkText,
});
