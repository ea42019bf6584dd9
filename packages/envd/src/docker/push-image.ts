import type { Readable } from "node:stream";
import { ImageSpecError, parseImageReference } from "@imagespec/core";
import type { BuildRequest } from "@imagespec/core/builder";
import { pushFailure } from "../build/push-failure.ts";
import { askEngine, engineLogin, readMessages } from "./engine.ts";

type Message = Readonly<{
  id?: string;
  status?: string;
  error?: string;
  aux?: Readonly<{ Digest?: string }>;
  progressDetail?: Readonly<{ current?: number; total?: number }>;
}>;
type Pushed = { digest?: string | undefined; error?: string | undefined };

async function startPush({ reference, services, signal }: BuildRequest<unknown>): Promise<Readable> {
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

function readMessage(
  message: Message,
  pushed: Pushed,
  { reference: image, services }: BuildRequest<unknown>,
): void {
  const { id: item, status, progressDetail: { current, total } = {} } = message;
  pushed.error ??= message.error;
  // containerd's image store tells the digest in words alone.
  pushed.digest ??= message.aux?.Digest ?? /digest: (sha256:[0-9a-f]{64})\b/.exec(status ?? "")?.[1];
  if (item && status) services.emit({ type: "push-progress", image, item, status, current, total });
}

/**
 * Pushes an image of the engine's own store, for envd's push from there always fails: it asks for a platform with
 * architecture and system the wrong way round.
 *
 * @throws ImageSpecError `PUSH_DENIED` and its kin
 */
export async function pushImage(request: BuildRequest<unknown>): Promise<string> {
  const pushed: Pushed = {};
  const stream = await startPush(request);
  for await (const message of readMessages(stream)) readMessage(message as Message, pushed, request);
  const { digest, error } = pushed;
  if (error === undefined && digest !== undefined) return digest;
  throw pushFailure(request.reference, error ?? "the engine told no digest");
}
