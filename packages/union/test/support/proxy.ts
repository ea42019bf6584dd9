import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export type HttpProxy = Readonly<{
  /** As `HTTPS_PROXY` has it, login included. */
  url: string;
  /** `host:port` of each tunnel that was asked for. */
  asked: readonly string[];
  /** Tunnels that were cut because nothing moved in them. */
  dropped: () => number;
  /** From now on the tunnels that are open carry nothing, without being closed. */
  freeze: () => void;
  stop: () => Promise<void>;
}>;

export type ProxyOptions = Readonly<{
  /** Milliseconds without a byte after which a tunnel is cut. */
  idle?: number;
  /** `user:password` that is asked for. */
  login?: string;
}>;

const expectedLogin = (login: string | undefined): string | undefined =>
  login && `Basic ${Buffer.from(login).toString("base64")}`;

/** A proxy that knows CONNECT alone, on a free port of the loopback. */
export async function startProxy({ idle, login }: ProxyOptions = {}): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let dropped = 0;
  const server = createServer((_request, response) => response.writeHead(405).end());
  const watch = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.on("error", () => other.destroy());
  };
  server.on("connect", (request, client: Socket) => {
    if (login !== undefined && request.headers["proxy-authorization"] !== expectedLogin(login)) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const target = new URL(`tcp://${request.url}`);
    asked.push(target.host);
    const upstream = connect(Number(target.port), target.hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    watch(client, upstream);
    watch(upstream, client);
    if (idle === undefined) return;
    client.setTimeout(idle, () => {
      dropped += 1;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${login === undefined ? "" : `${login}@`}127.0.0.1:${port}`,
    asked,
    dropped: () => dropped,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
