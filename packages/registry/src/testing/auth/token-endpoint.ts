import { type Answer, jsonAnswer } from "../http/answer.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import { readBody } from "../http/read-body.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import { formatScopes, parseScopes } from "./access.ts";
import type { Tokens } from "./tokens.ts";
import { readBasic, type Users } from "./users.ts";

export type TokenEndpointOptions = Readonly<{ tokens: Tokens; users: Users; service: string }>;

type Question = Readonly<{
  user: string | undefined;
  scopes: readonly string[];
  service: string | null;
  /** Whether a refresh token is wanted. */
  offline: boolean;
}>;

const MAX_FORM_BYTES = 65_536;

/** `/token`: GET by docker's token specification, POST by its OAuth2 one. */
export function tokenMethods(options: TokenEndpointOptions): Methods {
  return {
    GET: (request) => answerQuestion(options, readQuery(options, request)),
    POST: async (request) => answerQuestion(options, await readForm(options, request)),
  };
}

function readQuery({ users }: TokenEndpointOptions, { query, headers }: RegistryRequest): Question {
  const login = readBasic(headers.authorization);
  if (login !== undefined && !users.knows(login)) throw badCredentials();
  return {
    user: login?.user,
    scopes: query.getAll("scope"),
    service: query.get("service"),
    offline: query.get("offline_token") === "true",
  };
}

async function readForm(options: TokenEndpointOptions, request: RegistryRequest): Promise<Question> {
  const form = new URLSearchParams((await readBody(request.body, MAX_FORM_BYTES)).toString());
  return {
    user: userOf(options, form),
    scopes: form.getAll("scope"),
    service: form.get("service"),
    offline: form.get("access_type") === "offline",
  };
}

function userOf({ tokens, users }: TokenEndpointOptions, form: URLSearchParams): string {
  const field = (name: string): string => form.get(name) ?? "";
  switch (form.get("grant_type")) {
    case "refresh_token":
      return tokens.findRefresh(field("refresh_token")) ?? reject();
    case "password":
      return users.knows({ user: field("username"), password: field("password") })
        ? field("username")
        : reject();
    default:
      throw new ProtocolError("UNSUPPORTED", { status: 400, message: "unsupported grant_type" });
  }
}

function answerQuestion({ tokens, users, service }: TokenEndpointOptions, question: Question): Answer {
  if ((question.service ?? service) !== service) {
    throw new ProtocolError("DENIED", { status: 400, message: "unknown service", detail: question.service });
  }
  const { user } = question;
  const access = users.grant(user, parseScopes(question.scopes));
  const { token, issuedAt, lifetime } = tokens.issue({ user, access });
  const refresh = question.offline && user !== undefined ? { refresh_token: tokens.issueRefresh(user) } : {};
  const times = { expires_in: lifetime, issued_at: issuedAt.toISOString() };
  return jsonAnswer(200, { token, access_token: token, scope: formatScopes(access), ...times, ...refresh });
}

function badCredentials(): ProtocolError {
  return new ProtocolError("UNAUTHORIZED", { message: "incorrect username or password" });
}

function reject(): never {
  throw badCredentials();
}
