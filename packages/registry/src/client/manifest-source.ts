import type { ImageReference } from "@imagespec/core";
import type { Identity, Login } from "../auth/authenticator.ts";
import { MAX_MANIFEST_BYTES } from "../limits.ts";
import { ACCEPT_MANIFESTS, mediaTypeOf } from "../manifest/media-types.ts";
import { digestOf, type Manifest, parseFields, parseManifest } from "../manifest/parse-manifest.ts";
import { showUrl } from "../redact.ts";
import { RegistryFault } from "../registry-fault.ts";
import { judgeGet, judgeHead } from "./judge-answer.ts";
import { type Place, tagOrDigest } from "./place.ts";
import type { RegistryAnswer, RegistrySession } from "./registry-session.ts";
import type { UnknownVerdict, Verdict } from "./verdict.ts";

export type Source = Readonly<{ place: Place; identity: Identity; signal: AbortSignal | undefined }>;

/** Whether a manifest is there: HEAD, and where that does not settle it one GET. Faults are verdicts too. */
export async function askManifest(
  session: RegistrySession,
  source: Source,
  reference: ImageReference,
): Promise<Verdict> {
  const asked = { place: source.place, tagOrDigest: tagOrDigest(reference) };
  const path = `manifests/${asked.tagOrDigest}`;
  try {
    const head = await request(session, source, { method: "HEAD", path });
    const verdict = judgeHead(head, asked);
    if (verdict !== undefined) return verdict;
    const mayLogIn = head.answer.status !== 401;
    const tries = head.answer.status >= 500 || head.answer.status === 408 ? 1 : undefined;
    const get = await request(session, source, { method: "GET", path, mayLogIn, tries });
    return judgeGet({ answer: get.answer, login: get.login ?? head.login }, asked);
  } catch (error) {
    return verdictOf(error);
  }
}

/** The verdict that a fault stands for. Rethrows everything else, as an abort. */
export function verdictOf(error: unknown, login?: Login): UnknownVerdict {
  if (!(error instanceof RegistryFault)) throw error;
  return { kind: "unknown", reason: error.reason, detail: error.message, hint: error.hint, login };
}

type Question = Readonly<{
  method: "HEAD" | "GET";
  path: string;
  accept?: string;
  mayLogIn?: boolean;
  tries?: number | undefined;
}>;

function request(session: RegistrySession, source: Source, question: Question): Promise<RegistryAnswer> {
  return session.ask({
    accept: ACCEPT_MANIFESTS,
    actions: "pull",
    maxBody: MAX_MANIFEST_BYTES,
    ...source,
    ...question,
  });
}

/** A manifest by digest, or by tag where no digest is known. Rejects with a `RegistryFault`. */
export async function fetchManifest(
  session: RegistrySession,
  source: Source,
  wanted: string,
): Promise<Readonly<{ manifest: Manifest; digest: string }>> {
  const reply = await request(session, source, { method: "GET", path: `manifests/${wanted}` });
  const { place } = source;
  const verdict = judgeGet(reply, { place, tagOrDigest: wanted });
  const type = mediaTypeOf(reply.answer.header("content-type")[0]);
  const manifest = verdict.kind === "present" ? parseManifest(reply.answer.body, type) : undefined;
  if (verdict.kind === "present" && manifest !== undefined && verdict.digest !== undefined)
    return { manifest, digest: verdict.digest };
  throw verdict.kind === "unknown"
    ? new RegistryFault(verdict.reason, { detail: verdict.detail, hint: verdict.hint })
    : incomplete(reply);
}

/** The fields of an image's config. Rejects with a `RegistryFault`. */
export async function fetchConfig(
  session: RegistrySession,
  source: Source,
  digest: string,
): Promise<Readonly<Record<string, unknown>>> {
  const reply = await request(session, source, { method: "GET", path: `blobs/${digest}`, accept: "*/*" });
  const { answer } = reply;
  if (answer.status !== 200) {
    const verdict = judgeGet(reply, { place: source.place, tagOrDigest: digest });
    if (verdict.kind !== "unknown") throw incomplete(reply);
    throw new RegistryFault(verdict.reason, { detail: verdict.detail, hint: verdict.hint });
  }
  const fields =
    answer.truncated || digestOf(answer.body, digest) !== digest ? undefined : parseFields(answer.body);
  if (fields !== undefined) return fields;
  throw new RegistryFault("digest-mismatch", {
    detail: `${showUrl(answer.url)} is not the config with the digest ${digest}`,
    hint: "the registry, or a storage behind it, gives other bytes than were pushed",
  });
}

function incomplete({ answer }: RegistryAnswer): RegistryFault {
  return new RegistryFault("incomplete-image", {
    detail: `${showUrl(answer.url)} answered ${answer.status}: a part of the image is missing`,
    hint: "push the image again: the registry has its manifest, but not all that it names",
  });
}
