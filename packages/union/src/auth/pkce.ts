import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Discovery } from "./discovery.ts";
import { listenOnLoopback } from "./loopback-listener.ts";
import type { Prompts } from "./prompts.ts";
import { signInFailed } from "./sign-in-failed.ts";
import { requestToken, type Token, type TokenSource } from "./token-endpoint.ts";

export type FlowOptions = Readonly<{
  found: Discovery;
  source: TokenSource;
  prompts: Prompts;
  signal: AbortSignal;
}>;

/** Milliseconds that somebody has for signing in. */
const PATIENCE = 300_000;

type Form = Readonly<Record<string, string | undefined>>;

/** What is asked for in every flow. */
export function grantForm({ scopes, audience }: Discovery): Form {
  return { scope: scopes.length > 0 ? scopes.join(" ") : undefined, audience };
}

/** The same, for a client that has no secret. */
export function commonForm(found: Discovery): Form {
  return { client_id: found.clientId, ...grantForm(found) };
}

const random = (): string => randomBytes(32).toString("base64url");

function authorizationUrl(
  { authorizationEndpoint }: Discovery,
  form: Readonly<Record<string, string | undefined>>,
): string {
  const url = URL.canParse(authorizationEndpoint) ? new URL(authorizationEndpoint) : undefined;
  if (url?.protocol !== "https:") throw signInFailed("the server names no page to sign in at");
  for (const [name, value] of Object.entries(form))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

async function within<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const end = new AbortController();
  const limit = AbortSignal.any([signal, end.signal]);
  const late = sleep(PATIENCE, undefined, { signal: limit }).then(() => {
    throw signInFailed("nobody has signed in for five minutes");
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
    late.catch(() => undefined);
  }
}

function codeOf(answer: URLSearchParams): string {
  const code = answer.get("code");
  if (code) return code;
  throw signInFailed(`the sign-in was refused: ${answer.get("error") ?? "no code"}`);
}

/** Somebody signs in in a browser of this machine: RFC 7636, with a redirect to the loopback (RFC 8252). */
export async function signInByBrowser({ found, source, prompts, signal }: FlowOptions): Promise<Token> {
  const [verifier, state] = [random(), random()];
  const listener = await listenOnLoopback(found.redirectUri, state);
  try {
    const { redirectUri: redirect_uri } = listener;
    const common = { ...commonForm(found), redirect_uri };
    const url = authorizationUrl(found, {
      ...common,
      response_type: "code",
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    prompts.tell(`sign in at ${url}`);
    prompts.person.openBrowser(url);
    const code = codeOf(await within(listener.answer, signal));
    const form = { ...common, grant_type: "authorization_code", code, code_verifier: verifier };
    return await requestToken({ ...source, form, signal });
  } finally {
    listener.close();
  }
}
