import type { BuildServices, Existence, Issue } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { pushFailure } from "../faults/push-failure.ts";
import { formatImageReference, parseImageReference } from "../reference/image-reference.ts";
import { errorOf, type JsonObject, textOf } from "./json-lines.ts";

export type PushOrder = Readonly<{
  reference: string;
  /** The tag is to be moved, so an image that is there already is no success. */
  force: boolean;
  services: Pick<BuildServices, "credentials" | "inspect" | "emit">;
  signal: AbortSignal;
}>;

/** `digest`: of the manifest that the registry holds. */
export type PushResult = Readonly<{ digest: string; warnings: readonly Issue[] }>;

type Progress = { digest: string | undefined; error: string | undefined; isRetrying: boolean };

/**
 * Follows an engine's push of an image under its own name, and asks the registry for what came of it.
 *
 * @param messages what the engine answers, as `readJsonLines` gives it
 * @throws ImageSpecError `PUSH_DENIED` and its kin; `PUSH_NOT_VERIFIED` where the registry does not have what the
 *   engine says it pushed
 */
export async function followPush(messages: AsyncIterable<JsonObject>, order: PushOrder): Promise<PushResult> {
  const progress: Progress = { digest: undefined, error: undefined, isRetrying: false };
  for await (const message of messages) await readMessage(message, progress, order);
  const { error } = progress;
  const result = await (error === undefined ? verified(progress, order) : refusedPush(error, order));
  const { reference: image, services } = order;
  services.emit({ type: "push-end", image, time: Date.now(), digest: result.digest });
  return result;
}

async function readMessage(message: JsonObject, progress: Progress, order: PushOrder): Promise<void> {
  progress.error ??= errorOf(message);
  progress.digest ??= textOf(message.aux, "Digest") ?? digestOf(textOf(message, "status"));
  report(message, order);
  const isRetrying = /^Retrying in /.test(textOf(message, "status") ?? "");
  if (!isRetrying || progress.isRetrying) return;
  progress.isRetrying = true;
  await stopWhereDenied(order);
}

/** containerd's image store tells the digest in words alone: `v1: digest: sha256:… size: 527`. */
function digestOf(status: string | undefined): string | undefined {
  return /digest: (sha256:[0-9a-f]{64})\b/.exec(status ?? "")?.[1];
}

function report(message: JsonObject, { reference: image, services }: PushOrder): void {
  const [item, status] = [textOf(message, "id"), textOf(message, "status")];
  if (item === undefined || status === undefined) return;
  const { current, total } = (message.progressDetail ?? {}) as JsonObject;
  services.emit({
    type: "push-progress",
    image,
    item,
    status,
    current: typeof current === "number" ? current : undefined,
    total: typeof total === "number" ? total : undefined,
  });
}

/** Engines repeat a refused upload for most of a minute without saying why. */
async function stopWhereDenied({ reference, services }: PushOrder): Promise<void> {
  const existence = await services.inspect(reference);
  if (existence.verdict !== "unknown" || !/^(denied|auth-|bad-cred)/.test(existence.reason)) return;
  throw pushFailure(reference, `denied: ${existence.detail ?? existence.reason}`).error;
}

/** Where the registry refuses because it has the image already, somebody else built it meanwhile. */
async function refusedPush(said: string, order: PushOrder): Promise<PushResult> {
  const { error, refused } = pushFailure(order.reference, said);
  if (order.force || !refused) throw error;
  const existence = await order.services.inspect(order.reference);
  const digest = presentDigest(existence);
  if (digest === undefined) throw error;
  return { digest, warnings: [] };
}

/** Asked by digest, so that neither a cached answer nor another push to the tag counts. */
async function verified(
  { digest }: Progress,
  { reference, services, signal }: PushOrder,
): Promise<PushResult> {
  if (signal.aborted) throw signal.reason;
  const existence = await services.inspect(
    digest === undefined ? reference : digestReference(reference, digest),
  );
  const found = digest ?? presentDigest(existence);
  if (existence.verdict === "absent" || found === undefined) throw notVerified(reference, existence);
  return { digest: found, warnings: existence.verdict === "unknown" ? [unverified(existence)] : [] };
}

function presentDigest(existence: Existence): string | undefined {
  return existence.verdict === "present" ? existence.image.digest : undefined;
}

function digestReference(reference: string, digest: string): string {
  const { host, repository } = parseImageReference(reference);
  return formatImageReference({ host, repository, digest });
}

function notVerified(reference: string, existence: Existence): ImageSpecError {
  const why = existence.verdict === "unknown" ? `cannot be asked: ${existence.reason}` : "does not have it";
  const { host } = parseImageReference(reference);
  return new ImageSpecError("PUSH_NOT_VERIFIED", `the push of ${reference} ended, but ${host} ${why}`, {
    field: "registry",
    image: reference,
    hint: `docker push ${reference}`,
  });
}

function unverified({ reason, hint }: Extract<Existence, { verdict: "unknown" }>): Issue {
  const message = `the registry took the image, but could not be asked for it: ${reason}`;
  return { code: "PUSH_UNVERIFIED", severity: "warning", message, hint };
}
