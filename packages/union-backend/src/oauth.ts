import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BackendState } from "./state.ts";

export type AuthOptions = Readonly<{
  clientId: string;
  clientSecret: string;
  /** The header that carries the token; default `authorization`. */
  header?: string | undefined;
  /** What discovery says of it; default `header`. */
  announcedHeader?: string | undefined;
  audience?: string | undefined;
  /** Seconds; default 3600. */
  expiresIn?: number | undefined;
  /** Where browsers are sent back to; default a port of the client's choice. */
  redirectUri?: string | undefined;
  /** What the person at the browser answers; default yes. */
  browser?: "accept" | "deny" | undefined;
  /** What is said, in turn, while a token is asked for by a device code; then there is one. */
  device?: Readonly<{ answers: readonly string[]; expiresIn?: number | undefined }> | undefined;
  /** `rotate`: a refresh token is good once. Default: no refresh tokens. */
  refresh?: "rotate" | "keep" | undefined;
  /** May answer in the token endpoint's place. */
  tokenFault?: ((turn: number) => Readonly<{ status: number; body: string }> | undefined) | undefined;
}>;

/** The client that has no secret. */
export const PUBLIC_CLIENT = "public";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

type Exchange = Readonly<{ state: BackendState; auth: AuthOptions; form: URLSearchParams }>;
type Answer = Readonly<Record<string, unknown>>;

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

function say(response: ServerResponse, status: number, answer: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer));
}

const refusal = (error: string): Answer => ({ error });

function newToken({ state, auth }: Exchange, isPersonal: boolean): Answer {
  const access_token = `token-${randomUUID()}`;
  state.tokens.add(access_token);
  const answer = { access_token, token_type: "Bearer", expires_in: auth.expiresIn ?? 3600 };
  if (!isPersonal || auth.refresh === undefined) return answer;
  const refresh_token = `refresh-${randomUUID()}`;
  state.refreshTokens.add(refresh_token);
  return { ...answer, refresh_token };
}

/** RFC 6749, section 4.4. */
function byClientCredentials(exchange: Exchange, login: string | undefined): Answer {
  const { clientId, clientSecret } = exchange.auth;
  const expected = Buffer.from(`${clientId}:${encodeURIComponent(clientSecret)}`).toString("base64");
  return login === `Basic ${expected}` ? newToken(exchange, false) : refusal("invalid_client");
}

/** RFC 7636, section 4.6. */
function byCode(exchange: Exchange): Answer {
  const { state, form } = exchange;
  const code = form.get("code") ?? "";
  const asked = state.codes.get(code);
  state.codes.delete(code);
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  const isSame = asked?.challenge === challenge && asked.redirectUri === form.get("redirect_uri");
  return isSame ? newToken(exchange, true) : refusal("invalid_grant");
}

/** RFC 6749, section 6. */
function byRefreshToken(exchange: Exchange): Answer {
  const { state, auth, form } = exchange;
  const token = form.get("refresh_token") ?? "";
  if (!state.refreshTokens.has(token)) return refusal("invalid_grant");
  if (auth.refresh === "rotate") state.refreshTokens.delete(token);
  else return { ...newToken(exchange, false) };
  return newToken(exchange, true);
}

/** RFC 8628, section 3.4. */
function byDevice(exchange: Exchange): Answer {
  const { state, auth, form } = exchange;
  const turn = state.devices.get(form.get("device_code") ?? "");
  if (turn === undefined) return refusal("invalid_grant");
  state.devices.set(form.get("device_code") ?? "", turn + 1);
  const answers = auth.device?.answers ?? [];
  const answer = answers[Math.min(turn, answers.length)];
  return answer === undefined ? newToken(exchange, true) : refusal(answer);
}

function grant(exchange: Exchange, login: string | undefined): Answer {
  const { auth, form } = exchange;
  if (auth.audience !== undefined && form.get("audience") !== auth.audience) return refusal("invalid_target");
  const type = form.get("grant_type");
  if (type === "client_credentials") return byClientCredentials(exchange, login);
  if (form.get("client_id") !== PUBLIC_CLIENT) return refusal("invalid_client");
  switch (type) {
    case "authorization_code":
      return byCode(exchange);
    case "refresh_token":
      return byRefreshToken(exchange);
    case DEVICE_GRANT:
      return byDevice(exchange);
    default:
      return refusal("unsupported_grant_type");
  }
}

function beginDevice({ state, auth }: Exchange, origin: string): Answer {
  const device_code = `device-${randomUUID()}`;
  state.devices.set(device_code, 0);
  const expires_in = auth.device?.expiresIn ?? 60;
  return {
    device_code,
    user_code: "ABCD-EFGH",
    verification_uri: `${origin}/device`,
    interval: 0,
    expires_in,
  };
}

/** What the page of a sign-in does once somebody has answered: it sends the browser back. */
function sendBack(
  response: ServerResponse,
  query: URLSearchParams,
  { state, auth }: Omit<Exchange, "form">,
): void {
  const redirectUri = query.get("redirect_uri") ?? "";
  const back = new URL(redirectUri);
  back.searchParams.set("state", query.get("state") ?? "");
  if (auth.browser === "deny" || query.get("code_challenge_method") !== "S256") {
    back.searchParams.set("error", "access_denied");
  } else {
    const code = `code-${randomUUID()}`;
    state.codes.set(code, { challenge: query.get("code_challenge") ?? "", redirectUri });
    back.searchParams.set("code", code);
  }
  response.writeHead(302, { location: back.href }).end();
}

/** The pages and endpoints of sign-in; false where the URL is none of them. */
export async function answerSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  { origin, ...known }: Omit<Exchange, "form"> & Readonly<{ origin: string }>,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? "/", origin);
  if (pathname === "/oauth2/authorize") {
    sendBack(response, searchParams, known);
    return true;
  }
  if (pathname !== "/oauth2/token" && pathname !== "/oauth2/device") return false;
  const exchange = { ...known, form: await readForm(request) };
  known.state.forms.push(exchange.form);
  const fault = known.auth.tokenFault?.(known.state.forms.length);
  if (fault) {
    response.writeHead(fault.status, { "content-type": "text/html" }).end(fault.body);
    return true;
  }
  const answer =
    pathname === "/oauth2/device"
      ? beginDevice(exchange, origin)
      : grant(exchange, request.headers.authorization);
  say(response, "error" in answer ? 400 : 200, answer);
  return true;
}
