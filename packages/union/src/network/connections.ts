import { type ClientRequestArgs, Agent as HttpAgent, type RequestOptions } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, rootCertificates, type TLSSocket } from "node:tls";
import { type HttpProxy, proxyFor } from "./proxy.ts";
import { openTunnel, PendingConnection } from "./tunnel.ts";

/** Whose certificates are believed. `ca` is PEM and stands beside Node's own. */
export type Trust = Readonly<{ ca: string | undefined; skipVerify: boolean }>;

/** Options of `node:tls`. */
export function tlsOptions({ ca, skipVerify }: Trust): { ca?: string[]; rejectUnauthorized: boolean } {
  return { ...(ca !== undefined && { ca: [...rootCertificates, ca] }), rejectUnauthorized: !skipVerify };
}

type AgentCallback = (error: Error | null, stream: Duplex) => void;

/** Keeps plain connections through the proxy, as Node's own agent keeps direct ones. */
class TunnelAgent extends HttpAgent {
  readonly #url: URL;
  readonly #proxy: HttpProxy;

  constructor(url: URL, proxy: HttpProxy) {
    super({ keepAlive: true });
    this.#url = url;
    this.#proxy = proxy;
  }

  override createConnection(_options: ClientRequestArgs, done?: AgentCallback): undefined {
    openTunnel(this.#url, this.#proxy).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
  }
}

/** What `http.request` is to be given for that origin. */
export function http1Options(origin: string): { agent?: HttpAgent } {
  const proxy = proxyFor(origin);
  return proxy ? { agent: new TunnelAgent(new URL(origin), proxy) } : {};
}

function securely(
  url: URL,
  socket: Duplex,
  options: Readonly<{ trust: Trust; protocol: string }>,
): TLSSocket {
  const { trust, protocol } = options;
  const servername = isIP(url.hostname) === 0 ? { servername: url.hostname } : {};
  return connectTls({ ...tlsOptions(trust), ...servername, socket, ALPNProtocols: [protocol] });
}

/** What a single `http.request` or `https.request` to that URL is to be given besides. */
export function tunnelOptions(address: string, trust: Trust): RequestOptions {
  const proxy = proxyFor(address);
  if (!proxy) return {};
  const url = new URL(address);
  const isSecure = url.protocol === "https:";
  return {
    createConnection(_options, done) {
      openTunnel(url, proxy).then(
        (socket) => done(null, isSecure ? securely(url, socket, { trust, protocol: "http/1.1" }) : socket),
        (error: Error) => done(error, undefined as unknown as Duplex),
      );
      return undefined;
    },
  };
}

/** What `http2.connect` is to be given for that origin. */
export function http2Options(origin: string, trust: Trust): import("node:http2").SecureClientSessionOptions {
  const proxy = proxyFor(origin);
  const tls = tlsOptions(trust);
  if (!proxy) return tls;
  const url = new URL(origin);
  return {
    ...tls,
    createConnection() {
      const tunnel = new PendingConnection(openTunnel(url, proxy));
      if (url.protocol !== "https:") return tunnel;
      const secured = securely(url, tunnel, { trust, protocol: "h2" });
      // The process must not wait for an idle connection, and of the tunnel below TLS knows nothing.
      return Object.assign(secured, {
        ref: () => tunnel.ref(),
        unref: () => tunnel.unref(),
      });
    },
  };
}
