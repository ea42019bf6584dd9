import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { ImageSpecError } from "@imagespec/core";
import type { Engine } from "../engine.ts";
import { serveGrpc } from "./serve-grpc.ts";
import { type SessionSources, sessionMethods } from "./session-methods.ts";

/** A live BuildKit session. `close` is immediate and may be called more than once. */
export type Session = Readonly<{ id: string; close(): void }>;

/** `sharedKey`: what tells sessions whose files the engine may compare; default: it is alone. */
export type SessionOptions = Readonly<{ signal: AbortSignal; sharedKey?: string | undefined }>;

/**
 * Opens a session at the engine: an HTTP upgrade, after which the engine is the client of the services behind it.
 *
 * @throws ImageSpecError where the engine cannot be reached; `ENGINE_NO_BUILDKIT` where it has no sessions
 */
export async function openSession(
  engine: Engine,
  sources: SessionSources,
  { signal, sharedKey }: SessionOptions,
): Promise<Session> {
  const id = randomUUID();
  const methods = sessionMethods(sources);
  const request = { signal, headers: sessionHeaders({ id, sharedKey }, [...methods.keys()]) };
  const socket = await engine.upgrade("/session", "h2c", request).catch(refusedSession);
  const connection = serveGrpc(socket, methods);
  // Node reads what had come with the upgrade one tick later, and fails if the session is closed before.
  await setImmediate();
  return {
    id,
    close() {
      connection.destroy();
      socket.destroy();
    },
  };
}

function sessionHeaders(
  { id, sharedKey = id }: Readonly<{ id: string; sharedKey: string | undefined }>,
  methods: readonly string[],
): Readonly<Record<string, string | readonly string[]>> {
  return {
    "X-Docker-Expose-Session-Uuid": id,
    "X-Docker-Expose-Session-Name": "imagespec",
    "X-Docker-Expose-Session-Sharedkey": sharedKey,
    "X-Docker-Expose-Session-Grpc-Method": methods,
  };
}

/** An engine that has no such path answers it like any other page. */
function refusedSession(error: unknown): never {
  if (!ImageSpecError.isInstance(error) || error.code !== "ENGINE_ERROR") throw error;
  throw new ImageSpecError(
    "ENGINE_NO_BUILDKIT",
    "this engine builds without BuildKit, which imagespec needs",
    {
      hint: "docker version   shows the engine; Docker 18.09 and newer have BuildKit",
      cause: error,
    },
  );
}
