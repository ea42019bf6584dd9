import type { Credential } from "@imagespec/core";
import type { Answer, HttpClient } from "../http/http-client.ts";
import { MAX_TOKEN_BYTES } from "../limits.ts";
import { excerpt, showUrl } from "../redact.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { Realm } from "./realm-rules.ts";

export type TokenQuestion = Readonly<{
  realm: Realm;
  service: string | undefined;
  scopes: readonly string[];
  credential: Credential | undefined;
  signal: AbortSignal | undefined;
}>;

/** `expires`: milliseconds since the epoch, by the local clock. */
export type Token = Readonly<{ value: string; expires: number }>;

const CLIENT_ID = "imagespec";
const SHORTEST_LIFE = 60;
const LARGEST_SKEW = 60_000;
/** Token servers that know no refresh tokens answer with these. */
const noExchange: ReadonlySet<number> = new Set([400, 404, 405]);

/**
 * Gets a bearer token. An identity token is exchanged by POST, and by GET where the server knows no POST.
 *
 * Rejects with a `RegistryFault` that says why there is none.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/
 */
export async function requestToken(http: HttpClient, question: TokenQuestion): Promise<Token> {
  const { credential } = question;
  if (credential?.kind === "identityToken") {
    const answer = await exchangeIdentity(http, question, credential.token);
    if (!noExchange.has(answer.status)) return readToken(answer, question);
  }
  return readToken(await askByGet(http, question), question);
}

function exchangeIdentity(http: HttpClient, question: TokenQuestion, token: string): Promise<Answer> {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: CLIENT_ID });
  if (question.service !== undefined) form.set("service", question.service);
  form.set("scope", question.scopes.join(" "));
  form.set("refresh_token", token);
  return http.send({
    method: "POST",
    url: question.realm.url,
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    maxBody: MAX_TOKEN_BYTES,
    needs: { reach: question.realm.reach },
    signal: question.signal,
  });
}

function askByGet(
  http: HttpClient,
  { realm, service, scopes, credential, signal }: TokenQuestion,
): Promise<Answer> {
  const url = new URL(realm.url);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  url.searchParams.set("client_id", CLIENT_ID);
  if (credential?.kind === "basic") url.searchParams.set("account", credential.username);
  const authorization = credential === undefined ? undefined : basicAuthorization(credential);
  return http.send({
    method: "GET",
    url,
    headers: { accept: "application/json", ...(authorization === undefined ? {} : { authorization }) },
    maxBody: MAX_TOKEN_BYTES,
    needs: { reach: realm.reach },
    signal,
  });
}

/** The header for a user and password, or for an identity token under docker's name for it. */
export function basicAuthorization(credential: Credential): string {
  const login =
    credential.kind === "basic"
      ? `${credential.username}:${credential.password}`
      : `<token>:${credential.token}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

function readToken(answer: Answer, question: TokenQuestion): Token {
  if (answer.status !== 200) throw refusal(answer, question);
  const fields = answer.truncated ? undefined : parse(answer.body);
  const value = fields?.access_token ?? fields?.token;
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value))
    return { value, expires: expiryOf(fields ?? {}) };
  throw new RegistryFault("protocol", {
    detail: `${showUrl(answer.url)} answered 200 without a token`,
    hint: "the token server's answer has neither token nor access_token, or is too long",
  });
}

function parse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The server's clock counts only where it is near ours. */
function expiryOf({ expires_in, issued_at }: Record<string, unknown>): number {
  const now = Date.now();
  const issued = typeof issued_at === "string" ? Date.parse(issued_at) : Number.NaN;
  const start = Math.abs(issued - now) <= LARGEST_SKEW ? issued : now;
  const seconds = typeof expires_in === "number" && Number.isFinite(expires_in) ? expires_in : SHORTEST_LIFE;
  return start + Math.max(seconds, SHORTEST_LIFE) * 1000;
}

function refusal(answer: Answer, { credential }: TokenQuestion): RegistryFault {
  const { status, url } = answer;
  const said = excerpt(Buffer.from(answer.body).toString("utf8"));
  const detail = `${showUrl(url)} answered ${status}${said === "" ? "" : `: ${said}`}`;
  return new RegistryFault(reasonOf(status, said, credential), { detail, hint: hintOf(status, credential) });
}

function reasonOf(status: number, said: string, credential: Credential | undefined): string {
  if (status === 429 || /TOOMANYREQUESTS/i.test(said)) return "rate-limited";
  if (status === 401) return credential === undefined ? "auth-required-or-absent" : "bad-credentials";
  if (status === 403) return credential === undefined ? "auth-required-or-absent" : "denied";
  return status === 408 || status >= 500 ? "server-error" : "protocol";
}

function hintOf(status: number, credential: Credential | undefined): string | undefined {
  if (status !== 401 || credential === undefined) return undefined;
  return `the login in ${credential.source} is wrong or has expired: log in again`;
}
