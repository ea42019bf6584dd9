import type { Socket } from "node:net";
import type { RegistryLimits } from "../limits.ts";
import { type Answered, firstHead, isPlainHead } from "./first-head.ts";
import { rest } from "./lend-socket.ts";
import { nodeTransport } from "./node-transport.ts";
import { probeTls } from "./probe-tls.ts";
import type { Channel, HttpRequest, HttpResponse, Transport } from "./transport.ts";

/**
 * Node's own client for direct connections, but a bare socket for what a short command asks; undici, loaded when first
 * needed, behind a proxy, and for everything where `many` says that its start is worth it.
 */
export function adaptiveTransport(limits: RegistryLimits, many: boolean): Transport {
  const direct = directTransport(limits);
  let loaded: Promise<Transport> | undefined;
  const load = (): Promise<Transport> => {
    loaded ??= import("./undici-transport.ts").then(({ undiciTransport }) => undiciTransport(limits));
    return loaded;
  };
  return {
    exchange: async (request, channel) =>
      many || channel.proxy !== undefined
        ? (await load()).exchange(request, channel)
        : direct.exchange(request, channel),
    probe: (url, signal) => probeTls(url, limits.connect, signal),
    close: async () => {
      await direct.close();
      await (await loaded)?.close();
    },
  };
}

/** The first HEAD of a channel goes over a bare socket, which Node's client then goes on with. */
function directTransport(limits: RegistryLimits): Transport {
  const node = nodeTransport(limits);
  const first = new Map<Channel, Promise<Answered | undefined>>();
  const ask = async (request: HttpRequest, channel: Channel): Promise<HttpResponse | undefined> => {
    if (first.has(channel) || !isPlainHead(request)) return undefined;
    const asked = firstHead(request, channel, limits);
    const resting = asked.then((answered) => {
      if (answered?.socket !== undefined) rest(answered.socket, limits.keepAlive);
      return answered;
    });
    // Whoever asks hears of a fault; the others only wait.
    first.set(
      channel,
      resting.catch(() => undefined),
    );
    return (await resting)?.response;
  };
  const takeSocket = async (channel: Channel): Promise<Socket | undefined> => {
    const asked = first.get(channel);
    const answered = await asked;
    if (answered === undefined || first.get(channel) !== asked) return undefined;
    first.set(channel, nobody);
    return answered.socket;
  };
  return {
    exchange: async (request, channel) =>
      (await ask(request, channel)) ?? node.exchange(request, channel, await takeSocket(channel)),
    close: async () => {
      for (const answered of first.values()) (await answered)?.socket?.destroy();
      first.clear();
      await node.close();
    },
  };
}

const nobody: Promise<undefined> = Promise.resolve(undefined);
