import { ImageSpecError } from "@imagespec/core";
import type { Dispatcher } from "undici";

export type Token = Readonly<{
  accessToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}>;

export type Form = Readonly<Record<string, string | undefined>>;

export type TokenRequest = Readonly<{
  endpoint: string;
  dispatcher: Dispatcher;
  form: Form;
  /** Of the header `authorization`. */
  basic?: string | undefined;
  signal: AbortSignal;
}>;

/** A refusal of the server, by its code of RFC 6749 and RFC 8628. */
export type TokenAnswer = Readonly<{ token: Token } | { refusal: string; description: string }>;

type Answer = Readonly<Record<string, unknown>>;

function readAnswer(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function signInFailed(endpoint: string, reason: string): ImageSpecError {
  const host = URL.canParse(endpoint) ? new URL(endpoint).host : "the server";
  return new ImageSpecError("UNION_SIGN_IN_FAILED", `${host} does not let us in: ${reason}`, {
    hint: "the credentials are wrong, expired or revoked: set FLYTE_API_KEY to a new key, or sign in again",
  });
}

const textOf = (answer: Answer, key: string): string =>
  typeof answer[key] === "string" ? (answer[key] as string) : "";

/** RFC 6749, section 5.1: without `expires_in` a token is taken to last an hour. */
function tokenOf(answer: Answer): Token {
  const seconds = Number(answer.expires_in ?? 3600);
  return {
    accessToken: textOf(answer, "access_token"),
    refreshToken: textOf(answer, "refresh_token") || undefined,
    expiresAt: Date.now() + (Number.isFinite(seconds) ? seconds : 3600) * 1000,
  };
}

/** Posts a form and gives the JSON of the answer, whatever its status. @throws ImageSpecError `UNION_SIGN_IN_FAILED` */
export async function postForm(request: TokenRequest): Promise<Answer> {
  const { fetch } = await import("undici");
  const { endpoint, dispatcher, form, basic, signal } = request;
  const entries = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString("base64")}` }),
  };
  const body = new URLSearchParams(entries).toString();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  const options = { method: "POST", headers, body, dispatcher, signal: limit, redirect: "error" as const };
  const response = await fetch(endpoint, options).catch((cause: Error) => {
    signal.throwIfAborted();
    throw signInFailed(endpoint, String((cause.cause as Error | undefined)?.message ?? cause.message));
  });
  const answer = readAnswer(await response.text());
  if (!answer) throw signInFailed(endpoint, `it answers ${response.status} and not with JSON`);
  return answer;
}

/** Asks for a token; a refusal is an answer. */
export async function askToken(request: TokenRequest): Promise<TokenAnswer> {
  const answer = await postForm(request);
  const token = tokenOf(answer);
  if (token.accessToken !== "") return { token };
  const refusal = textOf(answer, "error") || "no token in the answer";
  return { refusal, description: textOf(answer, "error_description") };
}

/** @throws ImageSpecError `UNION_SIGN_IN_FAILED` */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const answer = await askToken(request);
  if ("token" in answer) return answer.token;
  throw signInFailed(request.endpoint, [answer.refusal, answer.description].filter(Boolean).join(": "));
}
