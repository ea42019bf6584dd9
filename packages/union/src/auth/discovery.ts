import { createClient } from "@connectrpc/connect";
import { AuthMetadataService } from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";
import type { Authority } from "../client/authorize.ts";
import { asUnionError } from "../client/faults.ts";
import { openTransport, type TransportOptions } from "../client/transport.ts";

/** What the server says about signing in. */
export type Discovery = Readonly<{
  authorizationEndpoint: string;
  tokenEndpoint: string;
  deviceEndpoint: string;
  clientId: string;
  redirectUri: string;
  /** The header that carries the token. */
  header: string;
  scopes: readonly string[];
  audience: string | undefined;
}>;

const TIMEOUT = 30_000;

/** @throws ImageSpecError as the calls of Union */
export async function discover(
  options: TransportOptions,
  proxy: Authority | undefined,
  signal: AbortSignal,
): Promise<Discovery> {
  const client = createClient(AuthMetadataService, openTransport(options, proxy));
  const limits = { signal, timeoutMs: TIMEOUT };
  try {
    const [metadata, config] = await Promise.all([
      client.getOAuth2Metadata({}, limits),
      client.getPublicClientConfig({}, limits),
    ]);
    return {
      authorizationEndpoint: metadata.authorizationEndpoint,
      tokenEndpoint: metadata.tokenEndpoint,
      deviceEndpoint: metadata.deviceAuthorizationEndpoint,
      clientId: config.clientId,
      redirectUri: config.redirectUri,
      header: (config.authorizationMetadataKey || "authorization").toLowerCase(),
      scopes: config.scopes,
      audience: config.audience || undefined,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw asUnionError(error, "asking how to sign in");
  }
}
