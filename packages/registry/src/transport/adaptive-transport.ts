import type { RegistryLimits } from "../limits.ts";
import { nodeTransport } from "./node-transport.ts";
import { probeTls } from "./probe-tls.ts";
import type { Transport } from "./transport.ts";

/**
 * Node's own client for direct connections; undici, loaded when first needed, behind a proxy, and for everything where
 * `many` says that its start is worth it.
 */
export function adaptiveTransport(limits: RegistryLimits, many: boolean): Transport {
  const direct = nodeTransport(limits);
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
    probe: (url, signal) => {
      const listener = probeTls(url, limits.connect, signal);
      // What comes next is loaded while the answer is waited for.
      direct.prepare();
      return listener;
    },
    close: async () => {
      await direct.close();
      await (await loaded)?.close();
    },
  };
}
