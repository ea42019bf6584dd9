import http, { type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { RegistryLimits } from "../limits.ts";
import { collectBody } from "./collect-body.ts";
import { isReused, lendSocket } from "./lend-socket.ts";
import { lookupWithin } from "./lookup.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { Channel, HttpRequest, HttpResponse } from "./transport.ts";
import { CONNECTING, transportFault, WAITING } from "./transport-fault.ts";

/** How requests of one channel, which has one scheme, are sent. */
type Wire = Readonly<{ request: typeof http.request; agent: http.Agent }>;

/** `socket`: a connection of the channel that stands and is free. */
export type NodeTransport = Readonly<{
  exchange(request: HttpRequest, channel: Channel, socket?: Socket): Promise<HttpResponse>;
  close(): Promise<void>;
}>;

/**
 * HTTP/1.1 by Node itself over kept connections. It adds little to the start of a process, which is what counts for a
 * command that asks one question; TLS is loaded with the first https URL.
 */
export function nodeTransport(limits: RegistryLimits): NodeTransport {
  const wires = new Map<Channel, Promise<Wire>>();
  const wireFor = (channel: Channel, { protocol }: URL): Promise<Wire> => {
    const known = wires.get(channel) ?? createWire(channel, protocol, limits);
    wires.set(channel, known);
    return known;
  };
  return {
    exchange: async (request, channel, socket) => {
      const wire = await wireFor(channel, request.url);
      if (socket !== undefined) lendSocket(wire.agent, socket);
      return exchange({ request, channel, limits, wire });
    },
    close: async () => {
      const open = [...wires.values()];
      wires.clear();
      for (const { agent } of await Promise.all(open)) agent.destroy();
    },
  };
}

async function createWire({ tls, reach }: Channel, protocol: string, limits: RegistryLimits): Promise<Wire> {
  const common = {
    keepAlive: true,
    maxSockets: limits.connectionsPerHost,
    maxFreeSockets: limits.connectionsPerHost,
    timeout: limits.keepAlive,
    scheduling: "lifo",
    lookup: lookupWithin(reach),
  } as const;
  if (protocol === "http:") return { request: http.request, agent: new http.Agent(common) };
  const { default: https } = await import("node:https");
  const agent = new https.Agent({ ...common, secureContext: tls.context, rejectUnauthorized: tls.verify });
  return { request: https.request, agent };
}

type Exchange = Readonly<{ request: HttpRequest; channel: Channel; limits: RegistryLimits; wire: Wire }>;

function exchange(task: Exchange): Promise<HttpResponse> {
  const { request, wire } = task;
  const { method, url, headers } = request;
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) return reject(request.signal.reason);
    const outgoing = wire.request({ ...addressOf(url), method, headers, agent: wire.agent });
    const { clock, stop, describe } = watch(outgoing, task);
    const fail = (error: unknown): void => reject(describe(error));
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => {
      clock.enter("reading its answer");
      readResponse(incoming, request.maxBody).then(resolve, fail);
    });
    outgoing.once("close", stop);
    outgoing.end(request.body);
  });
}

/** What Node wants of a URL. It would read all of it, which takes longer than the rest of a request on a kept connection. */
function addressOf({ hostname, port, pathname, search }: URL): http.RequestOptions {
  return {
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? undefined : port,
    path: pathname + search,
  };
}

type Watch = Readonly<{ clock: PhaseClock; stop(): void; describe(error: unknown): unknown }>;

/** Ends the request at its limits and on abort, and tells what an error of it means. */
function watch(outgoing: ClientRequest, { request, limits, channel }: Exchange): Watch {
  const { signal, url } = request;
  const clock = followPhases(outgoing, limits);
  const onAbort = (): void => void outgoing.destroy(new Error("aborted"));
  signal?.addEventListener("abort", onAbort, { once: true });
  const describe = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    const stale = isReused(outgoing) && clock.phase === WAITING;
    const fault = transportFault(error, { url, proxy: channel.proxy, phase: clock.phase });
    // A kept connection that the server had closed meanwhile: no attempt was really made.
    return stale ? Object.assign(fault, { stale: true }) : fault;
  };
  const stop = (): void => {
    clock.stop();
    signal?.removeEventListener("abort", onAbort);
  };
  return { clock, stop, describe };
}

function followPhases(outgoing: ClientRequest, limits: RegistryLimits): PhaseClock {
  const clock = new PhaseClock(limits.total, (phase) => {
    outgoing.destroy(Object.assign(new Error(phase), { code: "ETIMEDOUT" }));
  });
  const wait = (): void => clock.enter(WAITING, limits.headers);
  if (isReused(outgoing)) wait();
  else followConnecting(outgoing, () => clock.enter(CONNECTING, limits.connect), wait);
  return clock;
}

function followConnecting(outgoing: ClientRequest, connecting: () => void, connected: () => void): void {
  connecting();
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return connected();
    connecting();
    socket.once("encrypted" in socket ? "secureConnect" : "connect", connected);
  });
}

async function readResponse(incoming: IncomingMessage, maxBody: number): Promise<HttpResponse> {
  const { body, truncated } = await collectBody(incoming, maxBody);
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => valuesOf(incoming.rawHeaders, name),
    body,
    truncated,
  };
}

/** `pairs`: names and values in turn. */
function valuesOf(pairs: readonly string[], name: string): readonly string[] {
  return pairs.filter((_, index) => index % 2 === 1 && pairs[index - 1]?.toLowerCase() === name);
}
