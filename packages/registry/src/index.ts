export type { RegistryClientOptions } from "./client/options.ts";
export type { RegistryGreeting } from "./client/ping.ts";
export type { CredentialProvider, HostOptions } from "./client/place.ts";
export type { PublicAccess } from "./client/public-access.ts";
export type { RegistryLimits } from "./limits.ts";
export { type RegistryClient, registryClient } from "./registry-client.ts";
export type { Environment } from "./transport/proxy-settings.ts";
export type {
  Channel,
  HttpMethod,
  HttpRequest,
  HttpResponse,
  TlsSettings,
  Transport,
} from "./transport/transport.ts";
