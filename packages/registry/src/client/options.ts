import type { Issue } from "@imagespec/core";
import type { RegistryLimits } from "../limits.ts";
import type { Environment } from "../transport/proxy-settings.ts";
import type { Transport } from "../transport/transport.ts";
import type { CredentialProvider, HostOptions } from "./place.ts";

/** What a client is made with. Everything has a default that fits a developer's machine and CI. */
export type RegistryClientOptions = Readonly<{
  /** By host: `{ "registry.example.com:5000": { insecure: true } }`. */
  registries?: Readonly<Record<string, HostOptions>> | undefined;
  /** Asked before every other source of credentials. */
  credentials?: CredentialProvider | undefined;
  /** Variables such as DOCKER_CONFIG and HTTPS_PROXY. Default: those of the process. */
  environment?: Environment | undefined;
  /** Default: the user's. */
  homeDirectory?: string | undefined;
  /** Where facts about digests are kept. Default: `imagespec` below XDG_CACHE_HOME or `~/.cache`; false: nowhere. */
  cacheDirectory?: string | false | undefined;
  /** Whether containers' registries.conf is read for mirrors and insecure registries. Default: true. */
  registriesConf?: boolean | undefined;
  /** Hundreds of questions are to come: HTTP/2 is worth the time it takes to load a client for it. */
  manyRequests?: boolean | undefined;
  limits?: Partial<RegistryLimits> | undefined;
  /** Told of what was passed over: a helper that is missing, a file that cannot be read. Each text once. */
  onWarning?: ((issue: Issue) => void) | undefined;
  /** Sends the requests; for tests and unusual networks. */
  transport?: Transport | undefined;
}>;
