import { isDigest } from "@imagespec/core";
import type { Login } from "../auth/authenticator.ts";
import type { Answer } from "../http/http-client.ts";
import { MAX_MANIFEST_BYTES } from "../limits.ts";
import { isManifestType, mediaTypeOf } from "../manifest/media-types.ts";
import { asFields, digestOf, parseFields, parseManifest } from "../manifest/parse-manifest.ts";
import { excerpt, showUrl } from "../redact.ts";
import { hintFor } from "./hints.ts";
import type { Place } from "./place.ts";
import type { RegistryAnswer } from "./registry-session.ts";
import type { UnknownVerdict, Verdict } from "./verdict.ts";

export type Asked = Readonly<{ place: Place; tagOrDigest: string }>;

/** Codes by which registries say that a manifest is not there (NOT_FOUND: Harbor, TAG_EXPIRED: Quay). */
const absentCodes: ReadonlySet<string> = new Set([
  "MANIFEST_UNKNOWN",
  "NAME_UNKNOWN",
  "NOT_FOUND",
  "TAG_EXPIRED",
]);

/** The verdict that a HEAD alone allows; undefined where a GET has to tell more. */
export function judgeHead({ answer, login }: RegistryAnswer, asked: Asked): Verdict | undefined {
  if (answer.status === 429) return judgeRefusal({ answer, login }, asked);
  const digest = answer.header("docker-content-digest")[0] ?? "";
  const mediaType = mediaTypeOf(answer.header("content-type")[0]);
  if (answer.status !== 200 || !isDigest(digest) || !isManifestType(mediaType) || !hasFitLength(answer))
    return undefined;
  return differs(asked, digest)
    ? mismatch(asked, digest, login)
    : { kind: "present", digest, mediaType, login };
}

/** A missing length is no fault: proxies that compress leave it out. */
function hasFitLength(answer: Answer): boolean {
  const [length] = answer.header("content-length");
  return (
    length === undefined ||
    (/^\d+$/.test(length) && Number(length) > 0 && Number(length) <= MAX_MANIFEST_BYTES)
  );
}

/** The verdict of a GET, which has code and body. */
export function judgeGet(reply: RegistryAnswer, asked: Asked): Verdict {
  if (reply.answer.status === 200) return judgeBody(reply, asked);
  return reply.answer.status === 404 ? judgeNotFound(reply, asked) : judgeRefusal(reply, asked);
}

function judgeBody({ answer, login }: RegistryAnswer, asked: Asked): Verdict {
  const type = mediaTypeOf(answer.header("content-type")[0]);
  const manifest = answer.truncated ? undefined : parseManifest(answer.body, type);
  if (manifest === undefined)
    return unknown(
      "not-a-registry",
      `${showUrl(answer.url)} answered 200 with no manifest (${type || "no type"})`,
      login,
    );
  const [stated = ""] = answer.header("docker-content-digest");
  const expected = isDigest(asked.tagOrDigest) ? asked.tagOrDigest : isDigest(stated) ? stated : undefined;
  const digest =
    manifest.kind === "schema1" && expected === stated ? stated : digestOf(answer.body, expected);
  if (expected !== undefined && digest !== expected)
    return mismatch({ ...asked, tagOrDigest: expected }, digest, login);
  return { kind: "present", digest, mediaType: manifest.mediaType, login };
}

function judgeNotFound({ answer, login }: RegistryAnswer, { place }: Asked): Verdict {
  const errors = errorsOf(answer);
  const where = `${showUrl(answer.url)} answered 404`;
  if (errors === undefined)
    return unknown("not-a-registry", `${where} without a registry's error body`, login, place);
  const text = `${where}: ${describe(errors)}`;
  if (/accept header does not support/i.test(errors.map(({ message }) => message).join(" ")))
    return { kind: "present", digest: undefined, mediaType: undefined, login };
  if (errors.some(({ code }) => isRateLimit(code))) return unknown("rate-limited", text, login, place);
  if (!errors.some(({ code }) => absentCodes.has(code))) return unknown("protocol", text, login, place);
  return place.cache ? unknown("mirror-miss", text, login, place) : { kind: "absent", detail: text, login };
}

function judgeRefusal({ answer, login }: RegistryAnswer, { place }: Asked): Verdict {
  const errors = errorsOf(answer) ?? [];
  const said = errors.length > 0 ? describe(errors) : excerpt(Buffer.from(answer.body).toString("utf8"));
  const detail = `${showUrl(answer.url)} answered ${answer.status}${said === "" ? "" : `: ${said}`}`;
  if (answer.status === 401 && login?.fault?.reason === "credential-helper-failed")
    // Perhaps there is a login: "private or not there" would say too much.
    return {
      ...unknown(login.fault.reason, `${login.fault.message}; ${detail}`, login, place),
      hint: login.fault.hint,
    };
  const limited = answer.status === 429 || errors.some(({ code }) => isRateLimit(code));
  return unknown(limited ? "rate-limited" : reasonOf(answer.status, login), detail, login, place);
}

function reasonOf(status: number, login: Login | undefined): string {
  if (status === 403) return "denied";
  if (status === 408 || status >= 500) return "server-error";
  if (status !== 401) return "protocol";
  if (!login?.hasCredential) return "auth-required-or-absent";
  if (login.header === undefined) return "protocol";
  return login.granted ? "denied-or-absent" : "bad-credentials";
}

export type RegistryErrorEntry = Readonly<{ code: string; message: string }>;

/** The errors of a registry's JSON body, codes in capitals; undefined where the body is not JSON. */
export function errorsOf({ body, truncated }: Answer): readonly RegistryErrorEntry[] | undefined {
  const fields = truncated ? undefined : parseFields(body);
  if (fields === undefined) return undefined;
  const entries = Array.isArray(fields.errors) ? fields.errors.slice(0, 10) : [];
  return entries.map((entry) => {
    const { code, message } = asFields(entry) ?? {};
    return { code: text(code).toUpperCase(), message: text(message) };
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? excerpt(value) : "";
}

function describe(errors: readonly RegistryErrorEntry[]): string {
  return errors
    .map(({ code, message }) => [code, message].filter((part) => part !== "").join(" "))
    .join("; ");
}

function isRateLimit(code: string): boolean {
  return code === "TOOMANYREQUESTS";
}

function differs({ tagOrDigest }: Asked, digest: string): boolean {
  return isDigest(tagOrDigest) && tagOrDigest !== digest;
}

function mismatch({ place, tagOrDigest }: Asked, digest: string, login: Login | undefined): Verdict {
  const detail = `${place.host}/${place.repository}: expected ${tagOrDigest}, got ${digest}`;
  return unknown("digest-mismatch", detail, login, place);
}

function unknown(reason: string, detail: string, login: Login | undefined, place?: Place): UnknownVerdict {
  return { kind: "unknown", reason, detail, hint: place && hintFor(reason, place), login };
}
