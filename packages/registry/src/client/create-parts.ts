import { homedir } from "node:os";
import { join } from "node:path";
import { type Issue, normalizeHost } from "@imagespec/core";
import { Authenticator } from "../auth/authenticator.ts";
import { CredentialStore } from "../credentials/credential-store.ts";
import { Channels } from "../http/channels.ts";
import { HttpClient } from "../http/http-client.ts";
import { defaultLimits, type RegistryLimits } from "../limits.ts";
import { DigestCache } from "../manifest/digest-cache.ts";
import { byHost } from "../mirrors/places.ts";
import type { ConfiguredRegistry } from "../mirrors/registries-conf.ts";
import { adaptiveTransport } from "../transport/adaptive-transport.ts";
import type { Environment } from "../transport/proxy-settings.ts";
import { acceptFacts, type Tools } from "./image-query.ts";
import type { RegistryClientOptions } from "./options.ts";
import type { HostOptions } from "./place.ts";
import { RegistrySession } from "./registry-session.ts";

/** Everything that a client is made of. */
export type ClientParts = Tools &
  Readonly<{
    limits: RegistryLimits;
    store: CredentialStore;
    hosts: ReadonlyMap<string, HostOptions>;
    configured(): Promise<readonly ConfiguredRegistry[]>;
    close(): Promise<void>;
  }>;

export function createParts(options: RegistryClientOptions): ClientParts {
  const environment = options.environment ?? process.env;
  const home = options.homeDirectory ?? homedir();
  const hosts = byHost(options.registries ?? {});
  const limits = { ...defaultLimits, ...options.limits };
  const warn = onceEach(options.onWarning);
  const store = new CredentialStore({
    environment,
    home,
    helperLimit: limits.credentialHelper,
    explicit: explicitSource(options),
    warn,
  });
  const isInsecure = (host: string): boolean => hosts.get(normalizeHost(host))?.insecure === true;
  const http = createHttp(options, { environment, home, hosts, limits, isInsecure });
  const trustedRealms = (host: string): readonly string[] => hosts.get(host)?.tokenRealms ?? [];
  return {
    limits,
    store,
    hosts,
    session: new RegistrySession(http, new Authenticator(http, store), { isInsecure, trustedRealms }),
    facts: new DigestCache(cacheFolder(options, environment, home), acceptFacts),
    configured: configuredOnce(options, { environment, home, warn }),
    close: () => http.close(),
  };
}

type Surroundings = Readonly<{
  environment: Environment;
  home: string;
  hosts: ReadonlyMap<string, HostOptions>;
  limits: RegistryLimits;
  isInsecure(host: string): boolean;
}>;

function createHttp(options: RegistryClientOptions, surroundings: Surroundings): HttpClient {
  const { environment, home, hosts, limits, isInsecure } = surroundings;
  const own = join(environment.XDG_CONFIG_HOME || join(home, ".config"), "containers");
  const channels = new Channels({
    environment,
    certificateFolders: [own, "/etc/containers", "/etc/docker"].map((folder) => join(folder, "certs.d")),
    certificatesFor: (host) => hosts.get(normalizeHost(host)),
    isInsecure,
  });
  const transport = options.transport ?? adaptiveTransport(limits, options.manyRequests === true);
  return new HttpClient(transport, channels, limits);
}

function explicitSource({
  credentials,
}: RegistryClientOptions): ConstructorParameters<typeof CredentialStore>[0]["explicit"] {
  if (credentials === undefined) return undefined;
  return async ({ host, repository }) => credentials(`${host}/${repository}`);
}

function cacheFolder(
  options: RegistryClientOptions,
  environment: Environment,
  home: string,
): string | undefined {
  if (options.cacheDirectory === false) return undefined;
  const base =
    options.cacheDirectory ?? join(environment.XDG_CACHE_HOME || join(home, ".cache"), "imagespec");
  return join(base, "platforms-1");
}

type ConfSource = Readonly<{ environment: Environment; home: string; warn(issue: Issue): void }>;

/** Read when a registry is first asked, and once. */
function configuredOnce(options: RegistryClientOptions, source: ConfSource): ClientParts["configured"] {
  let read: Promise<readonly ConfiguredRegistry[]> | undefined;
  return () => {
    read ??=
      options.registriesConf === false
        ? Promise.resolve([])
        : import("../mirrors/registries-conf.ts").then(({ readRegistriesConf }) =>
            readRegistriesConf(source),
          );
    return read;
  };
}

function onceEach(report: ((issue: Issue) => void) | undefined): (issue: Issue) => void {
  const told = new Set<string>();
  return (issue) => {
    if (told.has(issue.message)) return;
    told.add(issue.message);
    report?.(issue);
  };
}
