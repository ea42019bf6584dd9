import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Engine } from "../engine.ts";
import { serveGrpc } from "./serve-grpc.ts";
import { type SessionSources, sessionMethods } from "./session-methods.ts";

/** A live BuildKit session. `close` is immediate and may be called more than once. */
export type Session = Readonly<{ id: string; close(): void }>;

/**
 * Opens a session at the engine: an HTTP upgrade, after which the engine is the client of the services behind it.
 *
 * @throws ImageSpecError where the engine cannot be reached; `ENGINE_NO_BUILDKIT` where it has no sessions
 */
export async function openSession(
  engine: Engine,
  sources: SessionSources,
  signal: AbortSignal,
): Promise<Session> {
  const id = randomUUID();
  const methods = sessionMethods(sources);
  const socket = await engine.upgrade("/session", "h2c", {
    signal,
    headers: {
      "X-Docker-Expose-Session-Uuid": id,
      "X-Docker-Expose-Session-Name": "imagespec",
      "X-Docker-Expose-Session-Grpc-Method": [...methods.keys()],
    },
  });
  return serve(id, socket, methods);
}

function serve(id: string, socket: Duplex, methods: ReturnType<typeof sessionMethods>): Session {
  const connection = serveGrpc(socket, methods);
  return {
    id,
    close() {
      connection.destroy();
      socket.destroy();
    },
  };
}
