import { createClient } from "@connectrpc/connect";
import { AuthMetadataService } from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import type { Dispatcher } from "undici";
import { asUnionError } from "../client/faults.ts";
import { type Authority, openTransport } from "../client/transport.ts";
import type { Settings } from "../config/settings.ts";
import { runTokenCommand } from "./external-command.ts";
import { requestToken, type Token } from "./token-endpoint.ts";

/** What the server says about signing in. */
type Discovery = Readonly<{
  tokenEndpoint: string;
  header: string;
  scopes: readonly string[];
  audience: string | undefined;
}>;

/** A token is renewed this many milliseconds before it ends, for clocks differ. */
const EARLY = 30_000;

async function discover(settings: Settings, signal: AbortSignal): Promise<Discovery> {
  const client = createClient(AuthMetadataService, openTransport(settings.endpoint, settings));
  const options = { signal, timeoutMs: 30_000 };
  try {
    const [metadata, config] = await Promise.all([
      client.getOAuth2Metadata({}, options),
      client.getPublicClientConfig({}, options),
    ]);
    return {
      tokenEndpoint: metadata.tokenEndpoint,
      header: (config.authorizationMetadataKey || "authorization").toLowerCase(),
      scopes: settings.scopes ?? config.scopes,
      audience: config.audience || undefined,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw asUnionError(error, "asking how to sign in");
  }
}

function needsPerson(flow: string): ImageSpecError {
  return new ImageSpecError(
    "UNION_SIGN_IN_UNSUPPORTED",
    `the configuration asks for a sign-in in a browser (${flow}), which this builder does not have`,
    {
      hint: "set FLYTE_API_KEY or UNION_API_KEY, or admin.authType ClientSecret or ExternalCommand",
    },
  );
}

/** RFC 6749, section 2.3.1: the secret is form-encoded before it goes into the header. */
function basicLogin(clientId: string, clientSecret: string): string {
  return `${clientId}:${encodeURIComponent(clientSecret)}`;
}

/** Keeps one token for all clients of one endpoint, in memory alone. */
class TokenAuthority implements Authority {
  readonly #settings: Settings;
  #discovery: Promise<Discovery> | undefined;
  #dispatcher: Promise<Dispatcher> | undefined;
  #token: Token | undefined;
  #header = "authorization";
  #renewal: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async current(): Promise<readonly [string, string] | undefined> {
    return this.#token && [this.#header, `Bearer ${this.#token.accessToken}`];
  }

  async renew(refused: string | undefined, signal: AbortSignal): Promise<void> {
    const isNew = this.#token && `Bearer ${this.#token.accessToken}` !== refused;
    if (isNew && this.#token!.expiresAt - EARLY > Date.now()) return;
    this.#renewal ??= this.#signIn(signal).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  async #signIn(signal: AbortSignal): Promise<void> {
    const { signIn } = this.#settings;
    if (signIn.kind === "pkce" || signIn.kind === "device") throw needsPerson(signIn.kind);
    if (signIn.kind === "none") throw notSignedIn;
    this.#discovery ??= discover(this.#settings, signal);
    const found = await this.#discovery.catch((error: unknown) => {
      this.#discovery = undefined;
      throw error;
    });
    this.#token = await this.#fetchToken(found, signal);
    this.#header = found.header;
  }

  async #fetchToken(found: Discovery, signal: AbortSignal): Promise<Token> {
    const { signIn } = this.#settings;
    if (signIn.kind === "command") {
      const accessToken = await runTokenCommand(signIn.command, signal);
      return { accessToken, refreshToken: undefined, expiresAt: Number.POSITIVE_INFINITY };
    }
    if (signIn.kind !== "clientCredentials") throw notSignedIn;
    this.#dispatcher ??= openDispatcher(this.#settings);
    const scope = found.scopes.length > 0 ? found.scopes.join(" ") : undefined;
    return requestToken({
      endpoint: found.tokenEndpoint,
      dispatcher: await this.#dispatcher,
      basic: basicLogin(signIn.clientId, signIn.clientSecret),
      form: { grant_type: "client_credentials", scope, audience: found.audience },
      signal,
    });
  }
}

const notSignedIn = new ImageSpecError("UNION_SIGN_IN_FAILED", "the server wants a sign-in over plain text", {
  hint: "leave out admin.insecure, so that credentials travel encrypted",
});

/** The certificates of the configuration count for the token request too. */
async function openDispatcher({ ca, skipVerify }: Settings): Promise<Dispatcher> {
  const { Agent } = await import("undici");
  return new Agent({ connect: { ...(ca !== undefined && { ca }), rejectUnauthorized: !skipVerify } });
}

export function createAuthority(settings: Settings): Authority {
  return new TokenAuthority(settings);
}
