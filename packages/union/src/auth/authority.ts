import type { Authority, Header } from "../client/authorize.ts";
import type { Limits } from "../client/limits.ts";
import type { TransportOptions } from "../client/transport.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { Environment } from "../config/find-config.ts";
import type { Settings } from "../config/settings.ts";
import { signInByDevice } from "./device.ts";
import type { Discovery } from "./discovery.ts";
import { runTokenCommand } from "./external-command.ts";
import { commonForm, type FlowOptions, grantForm, signInByBrowser } from "./pkce.ts";
import type { Prompts } from "./prompts.ts";
import { needsPerson, signInFailed } from "./sign-in-failed.ts";
import { type CachedToken, headerOf, TokenCache } from "./token-cache.ts";
import { askToken, requestToken, type Token, type TokenSource } from "./token-endpoint.ts";

export type AuthorityOptions = Readonly<{
  settings: Settings;
  prompts: Prompts;
  env: Environment;
  limits: Limits;
}>;

/** RFC 6749, section 2.3.1: the secret is form-encoded before it goes into the header. */
function basicLogin(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${encodeURIComponent(clientSecret)}`).toString("base64")}`;
}

function isSame(one: readonly Header[], other: readonly Header[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const isSameHost = (url: string, { host }: Endpoint): boolean =>
  URL.canParse(url) && new URL(url).host === host;

/** What a proxy in front of the server wants to be told, by a command that prints it. */
class ProxyHeaders implements Authority {
  readonly #command: readonly string[] | undefined;
  #headers: Promise<readonly Header[]> | undefined;

  constructor(command: readonly string[] | undefined) {
    this.#command = command;
  }

  async headers(signal: AbortSignal): Promise<readonly Header[]> {
    if (this.#command === undefined) return [];
    this.#headers ??= runTokenCommand(this.#command, signal).then((token) => [
      ["proxy-authorization", `Bearer ${token}`],
    ]);
    return this.#headers.catch((error: unknown) => {
      this.#headers = undefined;
      throw error;
    });
  }

  async renew(): Promise<void> {
    this.#headers = undefined;
  }
}

/** Keeps one token for all clients of one endpoint. */
class TokenAuthority implements Authority {
  readonly #options: AuthorityOptions;
  readonly #proxy: ProxyHeaders;
  readonly #cache: TokenCache;
  #discovery: Promise<Discovery> | undefined;
  #current: CachedToken | undefined;
  #isCacheRead = false;
  #renewal: Promise<void> | undefined;

  constructor(options: AuthorityOptions) {
    const { settings, env } = options;
    this.#options = options;
    this.#proxy = new ProxyHeaders(settings.proxyCommand);
    const { endpoint, clientId = "", scopes = [], signIn } = settings;
    this.#cache = new TokenCache(env, [endpoint.origin, signIn.kind, clientId, ...scopes]);
  }

  async headers(signal: AbortSignal): Promise<readonly Header[]> {
    if (this.#isPersonal && !this.#isCacheRead) {
      this.#current = await this.#cache.read();
      this.#isCacheRead = true;
    }
    const own = this.#current ? [headerOf(this.#current)] : this.#passedThrough();
    return [...(await this.#proxy.headers(signal)), ...own];
  }

  async renew(sent: readonly Header[], signal: AbortSignal): Promise<void> {
    if (!isSame(sent, await this.headers(signal))) return;
    this.#renewal ??= this.#signIn(signal).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  get #isPersonal(): boolean {
    const { kind } = this.#options.settings.signIn;
    return kind === "pkce" || kind === "device";
  }

  #passedThrough(): readonly Header[] {
    const { signIn } = this.#options.settings;
    return signIn.kind === "passThrough" ? Object.entries(signIn.headers()) : [];
  }

  async #signIn(signal: AbortSignal): Promise<void> {
    const { signIn } = this.#options.settings;
    await this.#proxy.renew();
    if (signIn.kind === "none")
      throw signInFailed("the server wants a sign-in, and in plain text there is none");
    if (signIn.kind === "passThrough")
      throw signInFailed("the server refuses the headers that it was passed");
    const found = await this.#discover(signal);
    const token = await this.#fetchToken(found, signal);
    this.#current = { header: found.header, token };
    if (this.#isPersonal) await this.#cache.write(this.#current);
  }

  async #discover(signal: AbortSignal): Promise<Discovery> {
    const { settings, limits } = this.#options;
    const { endpoint, trust, protocol, scopes, clientId } = settings;
    const options: TransportOptions = { endpoint, trust, protocol, ping: limits.ping };
    const { discover } = await import("./discovery.ts");
    this.#discovery ??= discover(options, this.#proxy, signal);
    const found = await this.#discovery.catch((error: unknown) => {
      this.#discovery = undefined;
      throw error;
    });
    return { ...found, scopes: scopes ?? found.scopes, clientId: clientId ?? found.clientId };
  }

  async #fetchToken(found: Discovery, signal: AbortSignal): Promise<Token> {
    const { settings, prompts } = this.#options;
    const { signIn, trust, endpoint } = settings;
    const headers = isSameHost(found.tokenEndpoint, endpoint)
      ? Object.fromEntries(await this.#proxy.headers(signal))
      : {};
    const source: TokenSource = {
      endpoint: found.tokenEndpoint,
      trust,
      isSecure: endpoint.isSecure,
      headers,
    };
    if (signIn.kind === "command") return tokenOfCommand(signIn.command, signal);
    if (signIn.kind === "clientCredentials") {
      const authorization = basicLogin(signIn.clientId, signIn.clientSecret);
      const form = { ...grantForm(found), grant_type: "client_credentials" };
      return requestToken({ ...source, headers: { ...headers, authorization }, form, signal });
    }
    const flow: FlowOptions = { found, source, prompts, signal };
    const refreshed = await this.#refresh(flow);
    if (refreshed) return refreshed;
    if (!prompts.canAsk) throw needsPerson(signIn.kind === "device" ? "DeviceFlow" : "Pkce");
    return signIn.kind === "device" ? signInByDevice(flow) : signInByBrowser(flow);
  }

  /** A refresh token is good for one use with some servers, and the old one stays with others. */
  async #refresh({ found, source, signal }: FlowOptions): Promise<Token | undefined> {
    const refreshToken = this.#current?.token.refreshToken;
    if (refreshToken === undefined) return undefined;
    const form = { ...commonForm(found), grant_type: "refresh_token", refresh_token: refreshToken };
    const answer = await askToken({ ...source, form, signal });
    return "token" in answer ? { refreshToken, ...answer.token } : undefined;
  }
}

async function tokenOfCommand(command: readonly string[], signal: AbortSignal): Promise<Token> {
  return { accessToken: await runTokenCommand(command, signal) };
}

export function createAuthority(options: AuthorityOptions): Authority {
  return new TokenAuthority(options);
}
