import { randomUUID } from "node:crypto";
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
}>;

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

function refuse(response: ServerResponse, error: string): void {
  response.writeHead(400, { "content-type": "application/json" });
  response.end(JSON.stringify({ error }));
}

/** The token endpoint, RFC 6749 section 4.4. */
export async function giveToken(
  request: IncomingMessage,
  response: ServerResponse,
  { state, auth }: { state: BackendState; auth: AuthOptions },
): Promise<void> {
  const form = await readForm(request);
  const login = `${auth.clientId}:${encodeURIComponent(auth.clientSecret)}`;
  const isKnown = request.headers.authorization === `Basic ${Buffer.from(login).toString("base64")}`;
  if (!isKnown) return refuse(response, "invalid_client");
  if (form.get("grant_type") !== "client_credentials") return refuse(response, "unsupported_grant_type");
  if (auth.audience !== undefined && form.get("audience") !== auth.audience)
    return refuse(response, "invalid_target");
  const token = `token-${randomUUID()}`;
  state.tokens.add(token);
  const expires_in = auth.expiresIn ?? 3600;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ access_token: token, token_type: "Bearer", expires_in }));
}
