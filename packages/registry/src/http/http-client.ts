import { MAX_REDIRECTS, type RegistryLimits } from "../limits.ts";
import { showUrl } from "../redact.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { HttpMethod, HttpResponse, Transport } from "../transport/transport.ts";
import type { ChannelNeeds, Channels } from "./channels.ts";
import { Gate } from "./gate.ts";
import { withRetries } from "./retry.ts";

export type Request = Readonly<{
  method: HttpMethod;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  maxBody: number;
  needs?: ChannelNeeds | undefined;
  /** Tries in all, where not those of the limits. */
  tries?: number | undefined;
  signal: AbortSignal | undefined;
}>;

/** `url`: where the answer came from, after redirects. */
export type Answer = HttpResponse & Readonly<{ url: URL }>;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const secretHeaders: ReadonlySet<string> = new Set(["authorization", "cookie"]);

/** Requests with limits, retries and redirects. It knows nothing of registries. */
export class HttpClient {
  readonly #transport: Transport;
  readonly #channels: Channels;
  readonly #limits: RegistryLimits;
  readonly #gate: Gate;

  constructor(transport: Transport, channels: Channels, limits: RegistryLimits) {
    this.#transport = transport;
    this.#channels = channels;
    this.#limits = limits;
    this.#gate = new Gate(limits.connectionsPerHost);
  }

  send(request: Request): Promise<Answer> {
    const { tries = this.#limits.tries, signal } = request;
    return withRetries(() => this.#follow(request), { limits: this.#limits, tries, signal });
  }

  /** Whether plain text is spoken at an https URL's port, for certain. */
  async isPlain(url: URL, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#channels.proxyOf(url) !== undefined) return false;
    return (await this.#transport.probe?.(url, signal)) === "plain";
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #follow(request: Request): Promise<Answer> {
    let current = request;
    for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
      const response = await this.#exchange(current);
      const next = redirectOf(current, response);
      if (next === undefined) return Object.assign(response, { url: current.url });
      current = next;
    }
    throw new RegistryFault("protocol", {
      detail: `more than ${MAX_REDIRECTS} redirects from ${showUrl(request.url)}`,
      hint: "the registry, or a proxy in front of it, redirects in a circle",
    });
  }

  async #exchange(request: Request): Promise<HttpResponse> {
    const channel = await this.#channels.for(request.url, request.needs);
    return this.#gate.through(request.url.host, () => this.#transport.exchange(request, channel));
  }
}

/** The request that a redirect asks for; a body, and so a secret in it, goes nowhere but to its own host. */
function redirectOf(request: Request, response: HttpResponse): Request | undefined {
  const [location] = response.header("location");
  if (!redirects.has(response.status) || location === undefined) return undefined;
  const url = targetOf(location, request.url);
  const crossing = url.host !== request.url.host;
  if (crossing && request.body !== undefined) return undefined;
  if (!crossing) return { ...request, url };
  return {
    ...request,
    url,
    headers: withoutSecrets(request.headers),
    needs: { reach: request.needs?.reach },
  };
}

function targetOf(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const followable = url?.protocol === "https:" || (url?.protocol === "http:" && from.protocol === "http:");
  if (url !== undefined && followable && url.username === "" && url.password === "") return url;
  throw new RegistryFault("protocol", {
    detail: `a redirect from ${showUrl(from)} ${url?.protocol === "http:" ? "leads from https to http" : "leads nowhere"}`,
    hint: "the registry, or a proxy in front of it, has to redirect to https",
  });
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())),
  );
}
