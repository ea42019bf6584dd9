import { mkdtemp, rm } from "node:fs/promises";
import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connectEngine, type Engine } from "../../src/engine/engine.ts";

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => unknown;

/** By method and path without the query: `POST /build`. */
export type Answers = Readonly<Record<string, Answer>>;

/** An engine that answers what a test wants, behind a real socket. */
export type FakeEngine = Readonly<{
  engine: Engine;
  socketPath: string;
  /** What was asked, as `POST /build?version=2`. */
  requests: readonly string[];
  /** The engine's ends of the sessions that were opened, as BuildKit uses them. */
  sessions: readonly http2.ClientHttp2Session[];
  stop(): Promise<void>;
}>;

export const version = { Version: "20.10.24", ApiVersion: "1.41", Os: "linux", Arch: "amd64" };
const usual: Answers = {
  "GET /version": (_, response) => response.end(JSON.stringify(version)),
  "GET /info": (_, response) => response.end(JSON.stringify({ Driver: "overlay2", DriverStatus: [] })),
};

/** Without sessions it is as podman, whose API has no upgrade there. */
export async function startFakeEngine(answers: Answers = {}, hasSessions = true): Promise<FakeEngine> {
  const directory = await mkdtemp(join(tmpdir(), "imagespec-fake-"));
  const socketPath = join(directory, "docker.sock");
  const requests: string[] = [];
  const sessions: http2.ClientHttp2Session[] = [];
  const sockets = new Set<Duplex>();
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = { ...usual, ...answers }[`${request.method} ${request.url?.replace(/\?.*/s, "")}`];
    if (answer !== undefined) return answer(request, response);
    response.writeHead(404, { "Content-Type": "application/json" });
    return response.end(JSON.stringify({ message: "page not found" }));
  });
  server.on("connection", (socket: Duplex) => sockets.add(socket));
  if (hasSessions) server.on("upgrade", (request, socket) => sessions.push(acceptSession(request, socket)));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    engine: connectEngine({
      kind: "unix",
      path: socketPath,
      address: `unix://${socketPath}`,
      source: "test",
    }),
    socketPath,
    requests,
    sessions,
    async stop() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function acceptSession(request: http.IncomingMessage, socket: Duplex): http2.ClientHttp2Session {
  const protocol = request.headers.upgrade ?? "";
  socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  const session = http2.connect("http://session", { createConnection: () => socket });
  // The side under test may close at any time.
  session.on("error", () => session.destroy());
  return session;
}

/** A server's port on loopback. */
export function portOf(server: http.Server): number {
  return (server.address() as AddressInfo).port;
}

/** One object a line, as engines answer. */
export function jsonLines(...messages: readonly object[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\r\n`).join("");
}
