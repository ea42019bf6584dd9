import type { Readable } from "node:stream";
import {
  engineLogin,
  followPush,
  ImageSpecError,
  type JsonObject,
  type PushResult,
  parseImageReference,
  readJsonLines,
} from "@imagespec/core";
import type { BuildRequest } from "@imagespec/core/builder";
import { askEngine, unreachable } from "./engine.ts";

type Request = BuildRequest<unknown>;

async function startPush({ reference, services, signal }: Request): Promise<Readable> {
  const { host, repository, tag = "latest" } = parseImageReference(reference);
  const credential = await services.credentials(`${host}/${repository}`, "push");
  const answer = await askEngine({
    path: `/images/${host}/${repository}/push`,
    method: "POST",
    query: { tag },
    login: engineLogin(host, credential),
    isStream: true,
    signal,
  });
  if (answer !== undefined) return answer as Readable;
  throw new ImageSpecError("ENVD_NOT_BUILT", `envd ended well, but Docker's engine has no ${reference}`, {
    image: reference,
    hint: "check that envd and DOCKER_HOST mean the same engine",
  });
}

async function* messagesOf(request: Request): AsyncGenerator<JsonObject> {
  const stream = await startPush(request);
  try {
    yield* readJsonLines(stream);
  } catch (error) {
    throw ImageSpecError.isInstance(error) ? error : unreachable(error);
  }
}

/**
 * Pushes an image of the engine's own store, for envd's push from there always fails: it asks for a platform with
 * architecture and system the wrong way round.
 *
 * @throws ImageSpecError `PUSH_DENIED` and its kin, `ENVD_NOT_BUILT`, `ENVD_DOCKER_UNREACHABLE`
 */
export function pushImage(request: Request): Promise<PushResult> {
  return followPush(messagesOf(request), request);
}
