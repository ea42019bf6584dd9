import {
  engineLogin,
  followPush,
  type JsonObject,
  type PushOrder,
  type PushResult,
  parseImageReference,
  readJsonLines,
} from "@imagespec/core";
import type { Engine } from "./engine.ts";

export type { PushOrder } from "@imagespec/core";

/**
 * Pushes an image of the engine's store under its own name, and asks the registry for what came of it. `query` is what
 * the engine wants to be told beside.
 *
 * @throws ImageSpecError `PUSH_DENIED` and its kin; the signal's reason on abort
 */
export async function pushImage(
  engine: Engine,
  order: PushOrder,
  query: Readonly<Record<string, string>> = {},
): Promise<PushResult> {
  return followPush(messagesOf(engine, order, query), order);
}

async function* messagesOf(
  engine: Engine,
  { reference, services, signal }: PushOrder,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<JsonObject> {
  const { host, repository, tag = "latest" } = parseImageReference(reference);
  const credential = await services.credentials(`${host}/${repository}`, "push");
  const stream = await engine.stream(`/images/${host}/${repository}/push`, {
    method: "POST",
    query: { ...query, tag },
    registryLogin: engineLogin(host, credential),
    signal,
  });
  try {
    yield* readJsonLines(stream);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw engine.faultOf(error);
  }
}
