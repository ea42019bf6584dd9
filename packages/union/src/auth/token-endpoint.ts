import type { ImageSpecError } from "@imagespec/core";
import { withoutQueries } from "../client/faults.ts";
import { retry } from "../client/retry.ts";
import type { Trust } from "../network/connections.ts";
import { sendRequest } from "../network/send-request.ts";
import { signInFailed } from "./sign-in-failed.ts";

export type Token = Readonly<{
  accessToken: string;
  refreshToken?: string | undefined;
}>;

export type Form = Readonly<Record<string, string | undefined>>;

/** Where tokens come from. The certificates of the configuration count here too. */
export type TokenSource = Readonly<{
  endpoint: string;
  trust: Trust;
  /** Nothing may be sent in plain text. */
  isSecure: boolean;
  /** Of a proxy in front of the server, and of the client. */
  headers?: Readonly<Record<string, string>> | undefined;
}>;

export type TokenRequest = TokenSource & Readonly<{ form: Form; signal: AbortSignal }>;

/** Milliseconds that an answer may take. */
const PATIENCE = 30_000;

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

function refused(endpoint: string, reason: string): ImageSpecError {
  const host = URL.canParse(endpoint) ? new URL(endpoint).host : "the server";
  return signInFailed(`${host} does not let us in: ${withoutQueries(reason)}`);
}

export const textOf = (answer: Answer, key: string): string =>
  typeof answer[key] === "string" ? (answer[key] as string) : "";

/**
 * When it ends is not asked: clocks differ, and a server that refuses it says so. What cannot stand in a header is no
 * token (RFC 6749, appendix A.12).
 */
function tokenOf(answer: Answer): Token {
  const refreshToken = textOf(answer, "refresh_token");
  const accessToken = textOf(answer, "access_token");
  return {
    accessToken: /^[\x21-\x7e]+$/.test(accessToken) ? accessToken : "",
    ...(refreshToken !== "" && { refreshToken }),
  };
}

/** The server may have another answer a little later. */
class Busy extends Error {}

async function post({ endpoint, trust, form, headers, signal }: TokenRequest): Promise<[number, string]> {
  const entries = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const type = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const body = Buffer.from(new URLSearchParams(entries).toString());
  const length = { "content-length": String(body.length) };
  const { status, text } = await sendRequest({
    url: endpoint,
    method: "POST",
    headers: { ...type, ...length, ...headers },
    body,
    trust,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    stalled: PATIENCE,
  });
  if (status === 429 || status >= 500) throw new Busy(`it answers ${status}`);
  return [status, text];
}

/** Posts a form and gives the JSON of the answer, whatever its status. @throws ImageSpecError `UNION_SIGN_IN_FAILED` */
export async function postForm(request: TokenRequest): Promise<Answer> {
  const { endpoint, isSecure, signal } = request;
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : "";
  if (protocol !== "https:" && (isSecure || protocol !== "http:"))
    throw refused(endpoint, "its token endpoint is not encrypted");
  const again = (error: unknown): boolean => error instanceof Busy;
  const patience = { tries: 4, first: 500, longest: 10_000, signal, again };
  const [status, text] = await retry(() => post(request), patience).catch((cause: Error) => {
    signal.throwIfAborted();
    throw refused(endpoint, cause.message);
  });
  const answer = readAnswer(text);
  if (!answer) throw refused(endpoint, `it answers ${status} and not with JSON`);
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
  throw refused(request.endpoint, [answer.refusal, answer.description].filter(Boolean).join(": "));
}
