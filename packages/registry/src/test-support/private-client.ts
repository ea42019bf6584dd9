import { onTestFinished } from "vitest";
import type { RegistryClientOptions } from "../client/options.ts";
import { type RegistryClient, registryClient } from "../registry-client.ts";

/** A client that sees nothing of the machine it runs on, waits for nothing and ends with the test. */
export function privateClient(options: RegistryClientOptions = {}): RegistryClient {
  const client = registryClient({
    environment: {},
    homeDirectory: "/nowhere",
    cacheDirectory: false,
    registriesConf: false,
    ...options,
    limits: { backoff: 0, ...options.limits },
  });
  onTestFinished(() => client.close());
  return client;
}

/** Credentials as a caller gives them. */
export function basic(username: string, password: string): RegistryClientOptions["credentials"] {
  return () => ({ kind: "basic", username, password, source: "test" });
}
