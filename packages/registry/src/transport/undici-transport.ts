import type { Dispatcher } from "undici";
import type { RegistryLimits } from "../limits.ts";
import { RegistryFault } from "../registry-fault.ts";
import { collectBody } from "./collect-body.ts";
import { lookupWithin } from "./lookup.ts";
import type { Channel, HttpRequest, HttpResponse, Transport } from "./transport.ts";
import { transportFault } from "./transport-fault.ts";

type Undici = typeof import("undici");

/** HTTP/1.1, HTTP/2 and proxies by undici, which is loaded here and nowhere else. */
export async function undiciTransport(limits: RegistryLimits): Promise<Transport> {
  const undici = await import("undici");
  const dispatchers = new Map<Channel, Dispatcher>();
  const dispatcherFor = (channel: Channel): Dispatcher => {
    const known = dispatchers.get(channel) ?? createDispatcher(undici, channel, limits);
    dispatchers.set(channel, known);
    return known;
  };
  return {
    exchange: (request, channel) =>
      exchange({ request, channel, limits, dispatcher: dispatcherFor(channel) }),
    close: async () => {
      const open = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function createDispatcher(undici: Undici, channel: Channel, limits: RegistryLimits): Dispatcher {
  const { tls, reach, proxy } = channel;
  const context = tls.context === undefined ? {} : { secureContext: tls.context };
  const connect = {
    ...context,
    rejectUnauthorized: tls.verify,
    timeout: limits.connect,
    lookup: lookupWithin(reach),
  };
  const common = {
    connections: limits.connectionsPerHost,
    keepAliveTimeout: limits.keepAlive,
    keepAliveMaxTimeout: limits.keepAlive,
    headersTimeout: limits.headers,
    bodyTimeout: limits.total,
  };
  if (proxy === undefined) return new undici.Agent({ ...common, allowH2: true, connect });
  return new undici.ProxyAgent({ ...common, ...proxyOptions(proxy), requestTls: connect });
}

/** A proxy's own certificate is checked against Node's authorities, a registry's against the registry's. */
function proxyOptions(proxy: URL): { uri: string; token?: string } {
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:")
    throw new RegistryFault("proxy", {
      detail: `a proxy with ${proxy.protocol}// is not supported (${proxy.host})`,
      hint: "use an http:// or https:// proxy, or name the host in NO_PROXY",
    });
  if (proxy.username === "") return { uri: proxy.origin };
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { uri: proxy.origin, token: `Basic ${Buffer.from(login).toString("base64")}` };
}

type Exchange = Readonly<{
  request: HttpRequest;
  channel: Channel;
  limits: RegistryLimits;
  dispatcher: Dispatcher;
}>;

async function exchange({ request, channel, limits, dispatcher }: Exchange): Promise<HttpResponse> {
  const deadline = AbortSignal.timeout(limits.total);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  try {
    return await dispatch(dispatcher, request, signal);
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    const cause = deadline.aborted ? Object.assign(new Error("too slow"), { code: "ETIMEDOUT" }) : error;
    throw transportFault(cause, { url: request.url, proxy: channel.proxy });
  }
}

async function dispatch(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const { method, url, headers, body = null } = request;
  const answer = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers },
    body,
    signal,
    // A HEAD would otherwise close its connection.
    reset: false,
  });
  const collected = await collectBody(answer.body, request.maxBody);
  return { status: answer.statusCode, header: (name) => valuesOf(answer.headers[name]), ...collected };
}

function valuesOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
