import type { HeaderValues } from "../http/answer.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { RegistryRequest } from "../http/registry-request.ts";
import { type Access, covers, formatScopes } from "./access.ts";
import type { Tokens } from "./tokens.ts";
import { readBasic, type Users } from "./users.ts";

/** Lets a request through, or throws a ProtocolError UNAUTHORIZED or DENIED. */
export type Guard = (request: RegistryRequest, needed: readonly Access[]) => void;

export function basicGuard(users: Users, realm: string): Guard {
  const challenge = { "WWW-Authenticate": `Basic realm=${quote(realm)}` };
  return ({ headers }, needed) => {
    const login = readBasic(headers.authorization);
    if (login !== undefined && !users.knows(login)) throw unauthorized(challenge, needed);
    const isNobody = login === undefined && needed.length === 0;
    if (!isNobody && covers(users.grant(login?.user, needed), needed)) return;
    throw login === undefined
      ? unauthorized(challenge, needed)
      : new ProtocolError("DENIED", { detail: needed });
  };
}

export type BearerGuardOptions = Readonly<{ tokens: Tokens; service: string; realm: string | undefined }>;

export function bearerGuard(options: BearerGuardOptions): Guard {
  return (request, needed) => {
    const token = readBearer(request);
    const grant = token === undefined ? undefined : options.tokens.find(token);
    if (grant !== undefined && covers(grant.access, needed)) return;
    const fault = grant === undefined ? "invalid_token" : "insufficient_scope";
    throw unauthorized(bearerChallenge(options, request, { needed, fault: token && fault }), needed);
  };
}

/** The token of `Authorization: Bearer …`; undefined: there is none. */
export function readBearer({ headers }: RegistryRequest): string | undefined {
  return /^bearer +(?<token>\S+) *$/i.exec(headers.authorization ?? "")?.groups?.token;
}

type Refusal = Readonly<{ needed: readonly Access[]; fault: string | undefined }>;

function bearerChallenge(
  options: BearerGuardOptions,
  request: RegistryRequest,
  refusal: Refusal,
): HeaderValues {
  const { needed, fault } = refusal;
  const parameters = [
    `realm=${quote(options.realm ?? `${request.origin}/token`)}`,
    `service=${quote(options.service)}`,
    ...(needed.length > 0 ? [`scope=${quote(formatScopes(needed))}`] : []),
    ...(fault === undefined ? [] : [`error=${quote(fault)}`]),
  ];
  return { "WWW-Authenticate": `Bearer ${parameters.join(",")}` };
}

function unauthorized(headers: HeaderValues, needed: readonly Access[]): ProtocolError {
  return new ProtocolError("UNAUTHORIZED", { headers, detail: needed.length > 0 ? needed : null });
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
