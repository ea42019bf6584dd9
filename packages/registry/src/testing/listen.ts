import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { ImageSpecError } from "@imagespec/core";
import type { RegistryOptions } from "./options.ts";
import { serverCredentials } from "./tls/server-credentials.ts";

export type Listening = Readonly<{
  /** Host and port. */
  host: string;
  port: number;
  /** Ends every connection and stops to listen. */
  close(): Promise<void>;
}>;

type Prepared = Readonly<{ server: Server; certificateAuthority: string | undefined }>;

/** Longer than any test, so that it is the client who closes idle connections. In milliseconds. */
const KEEP_ALIVE = 600_000;

/** The server before it listens. @throws ImageSpecError REGISTRY_OPTION_INVALID */
export function prepareServer(tls: RegistryOptions["tls"], onRequest: RequestListener): Prepared {
  if (tls === undefined || tls === false)
    return { server: createServer(onRequest), certificateAuthority: undefined };
  const { options, certificateAuthority } = serverCredentials(tls === true ? {} : tls);
  return { server: createTlsServer(options, onRequest), certificateAuthority };
}

/** @throws ImageSpecError REGISTRY_OPTION_INVALID, REGISTRY_PORT_UNAVAILABLE */
export async function listen(server: Server, options: RegistryOptions): Promise<Listening> {
  const { port = 0, address = "127.0.0.1" } = options;
  requireLoopback(address);
  const sockets = trackSockets(server);
  server.keepAliveTimeout = KEEP_ALIVE;
  server.requestTimeout = 0;
  await bind(server, port, address);
  const bound = (server.address() as AddressInfo).port;
  const host = address === "::1" ? `[::1]:${bound}` : `${address}:${bound}`;
  return { host, port: bound, close: () => closeServer(server, sockets) };
}

function requireLoopback(address: string): void {
  if (["127.0.0.1", "::1"].includes(address)) return;
  throw new ImageSpecError("REGISTRY_OPTION_INVALID", `the test registry does not listen on ${address}`, {
    hint: "It is for this machine alone: 127.0.0.1 or ::1.",
  });
}

async function bind(server: Server, port: number, address: string): Promise<void> {
  try {
    server.listen(port, address);
    await once(server, "listening");
  } catch (cause) {
    throw new ImageSpecError("REGISTRY_PORT_UNAVAILABLE", `cannot listen on ${address}, port ${port}`, {
      hint: "Choose another port, or none for a free one.",
      cause,
    });
  }
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
