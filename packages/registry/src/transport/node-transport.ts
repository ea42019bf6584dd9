import http, { type ClientRequest, type IncomingMessage } from "node:http";
import type { RegistryLimits } from "../limits.ts";
import { collectBody } from "./collect-body.ts";
import { lookupWithin } from "./lookup.ts";
import type { Channel, HttpRequest, HttpResponse, Transport } from "./transport.ts";
import { CONNECTING, transportFault } from "./transport-fault.ts";

/** How requests of one channel, which has one scheme, are sent. */
type Wire = Readonly<{ request: typeof http.request; agent: http.Agent }>;

/**
 * HTTP/1.1 by Node itself over kept connections. It adds little to the start of a process, which is what counts for a
 * command that asks one question; TLS is loaded with the first https URL.
 */
export function nodeTransport(limits: RegistryLimits): Transport & Readonly<{ prepare(): void }> {
  const wires = new Map<Channel, Promise<Wire>>();
  const wireFor = (channel: Channel, { protocol }: URL): Promise<Wire> => {
    const known = wires.get(channel) ?? createWire(channel, protocol, limits);
    wires.set(channel, known);
    return known;
  };
  return {
    exchange: async (request, channel) =>
      exchange({ request, channel, limits, wire: await wireFor(channel, request.url) }),
    // Where parts of Node are loaded when they are first used, this is a use.
    prepare: () => void http.Agent,
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
    const outgoing = wire.request(url, { method, headers, agent: wire.agent });
    const { stop, describe } = watch(outgoing, task);
    const fail = (error: unknown): void => reject(describe(error));
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => readResponse(incoming, request.maxBody).then(resolve, fail));
    outgoing.once("close", stop);
    outgoing.end(request.body);
  });
}

type Watch = Readonly<{ stop(): void; describe(error: unknown): unknown }>;

/** Ends the request at its limits and on abort, and tells what an error of it means. */
function watch(outgoing: ClientRequest, { request, limits, channel }: Exchange): Watch {
  const { signal, url } = request;
  const clock = phaseClock(outgoing, limits);
  const onAbort = (): void => void outgoing.destroy(new Error("aborted"));
  signal?.addEventListener("abort", onAbort, { once: true });
  const describe = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    const stale = outgoing.reusedSocket && clock.phase() === waitingPhase;
    const fault = transportFault(error, { url, proxy: channel.proxy, phase: clock.phase() });
    // A kept connection that the server had closed meanwhile: no attempt was really made.
    return stale ? Object.assign(fault, { stale: true }) : fault;
  };
  const stop = (): void => {
    clock.stop();
    signal?.removeEventListener("abort", onAbort);
  };
  return { stop, describe };
}

const waitingPhase = "waiting for its answer";

type PhaseClock = Readonly<{ stop(): void; phase(): string }>;

/** One timer for the phase that runs (connecting, waiting) and one for the whole. */
function phaseClock(outgoing: ClientRequest, limits: RegistryLimits): PhaseClock {
  let phase: string = CONNECTING;
  const expire = (): void => void outgoing.destroy(Object.assign(new Error(phase), { code: "ETIMEDOUT" }));
  const whole = setTimeout(expire, limits.total);
  let current: NodeJS.Timeout | undefined;
  const enter = (next: string, milliseconds: number | undefined): void => {
    phase = next;
    clearTimeout(current);
    current = milliseconds === undefined ? undefined : setTimeout(expire, milliseconds);
  };
  const waiting = (): void => enter(waitingPhase, limits.headers);
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return waiting();
    enter(CONNECTING, limits.connect);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", waiting);
  });
  outgoing.once("response", () => enter("reading its answer", undefined));
  const stop = (): void => [whole, current].forEach(clearTimeout);
  return { stop, phase: () => phase };
}

async function readResponse(incoming: IncomingMessage, maxBody: number): Promise<HttpResponse> {
  const { body, truncated } = await collectBody(incoming, maxBody);
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => incoming.headersDistinct[name] ?? [],
    body,
    truncated,
  };
}
