import type { Credential } from "@imagespec/core";
import type { CredentialStore } from "../credentials/credential-store.ts";
import type { Answer, HttpClient } from "../http/http-client.ts";
import { SingleFlight } from "../http/single-flight.ts";
import { MAX_ERROR_BYTES } from "../limits.ts";
import type { RegistryFault } from "../registry-fault.ts";
import { type Challenge, chooseChallenge, parseChallenges } from "./parse-challenge.ts";
import { judgeRealm } from "./realm-rules.ts";
import { basicAuthorization, requestToken, type Token } from "./request-token.ts";

/** Who asks: nobody, or whoever the credentials are for. */
export type Identity = Readonly<
  { kind: "anonymous" } | { kind: "credentials"; registryConfig?: string | undefined }
>;

/** What an authorization is for. */
export type Subject = Readonly<{
  /** The host as credentials are kept under it. */
  host: string;
  repository: string;
  actions: "pull" | "pull,push";
  identity: Identity;
  trustedRealms: readonly string[];
}>;

/** How a question was authorised, for the verdict. */
export type Login = Readonly<{
  scheme: "bearer" | "basic" | "none";
  /** The source of the credential used; `anonymous` where there was none. */
  source: string;
  hasCredential: boolean;
  /** A token server gave a token for it. */
  granted: boolean;
  /** A source of credentials that could not be asked. */
  fault: RegistryFault | undefined;
  header: string | undefined;
}>;

type Held = Readonly<{
  login: Login;
  renew: ((signal: AbortSignal | undefined) => Promise<Login>) | undefined;
  expires: number;
}>;

const RENEW_EARLY = 5_000;

/** Answers challenges, and remembers for each subject how. Tokens live in memory only. */
export class Authenticator {
  readonly #http: HttpClient;
  readonly #store: CredentialStore;
  readonly #held = new Map<string, Held>();
  readonly #tokens = new Map<string, Token>();
  readonly #flights = new SingleFlight<Token>();

  constructor(http: HttpClient, store: CredentialStore) {
    this.#http = http;
    this.#store = store;
  }

  /** The login that worked before, renewed where its token is about to end; undefined where none was needed yet. */
  async held(subject: Subject, signal: AbortSignal | undefined): Promise<Login | undefined> {
    const held = this.#held.get(keyOf(subject));
    if (held?.renew === undefined || held.expires - RENEW_EARLY > Date.now()) return held?.login;
    return held.renew(signal);
  }

  /**
   * The login that a 401 asks for, other than `refused`; without a header where nothing can be offered. Rejects with a
   * `RegistryFault`.
   */
  async answer(
    subject: Subject,
    unauthorized: Answer,
    { refused, signal }: Readonly<{ refused: string | undefined; signal: AbortSignal | undefined }>,
  ): Promise<Login> {
    const challenge = await this.#challengeOf(unauthorized, signal);
    const found = await this.#credential(subject, signal);
    const plan = { subject, challenge, registry: unauthorized.url, ...found };
    if (challenge?.scheme === "bearer" && found.credential?.kind !== "token")
      return this.#bearer(plan, refused, signal);
    return this.#keep(subject, {
      login: directLogin(plan),
      renew: undefined,
      expires: Number.POSITIVE_INFINITY,
    });
  }

  /** Its own challenge, or where it has none the one of `/v2/`. */
  async #challengeOf(unauthorized: Answer, signal: AbortSignal | undefined): Promise<Challenge | undefined> {
    const own = chooseChallenge(parseChallenges(unauthorized.header("www-authenticate")));
    if (own !== undefined) return own;
    const url = new URL("/v2/", unauthorized.url);
    const ping = await this.#http.send({ method: "GET", url, headers: {}, maxBody: MAX_ERROR_BYTES, signal });
    return ping.url.host === url.host
      ? chooseChallenge(parseChallenges(ping.header("www-authenticate")))
      : undefined;
  }

  #credential({ host, repository, identity }: Subject, signal: AbortSignal | undefined): Promise<Found> {
    if (identity.kind === "anonymous") return Promise.resolve({ credential: undefined, fault: undefined });
    return this.#store.find({ host, repository, registryConfig: identity.registryConfig, signal });
  }

  async #bearer(plan: Plan, refused: string | undefined, signal: AbortSignal | undefined): Promise<Login> {
    const { challenge, credential, subject, registry } = plan;
    const realm = await judgeRealm({
      realm: challenge?.parameters.get("realm") ?? "",
      registry,
      withCredentials: credential !== undefined,
      trusted: subject.trustedRealms,
    });
    const service = challenge?.parameters.get("service");
    const scopes = scopesOf(subject, challenge?.parameters.get("scope"));
    const key = JSON.stringify([realm.url.href, service, scopes, credential]);
    const renew = async (ending: AbortSignal | undefined, unwanted?: string): Promise<Login> => {
      const token = await this.#token(key, unwanted, ending, (shared) =>
        requestToken(this.#http, { realm, service, scopes, credential, signal: shared }),
      );
      const login = { ...loginOf(plan, "bearer", `Bearer ${token.value}`), granted: true };
      return this.#keep(subject, { login, renew, expires: token.expires });
    };
    return renew(signal, refused);
  }

  /** A token that was refused just now is not offered again. */
  async #token(
    key: string,
    refused: string | undefined,
    signal: AbortSignal | undefined,
    request: (signal: AbortSignal | undefined) => Promise<Token>,
  ): Promise<Token> {
    const known = this.#tokens.get(key);
    const usable = known !== undefined && `Bearer ${known.value}` !== refused;
    if (usable && known.expires - RENEW_EARLY > Date.now()) return known;
    const token = await this.#flights.run(key, signal, request);
    this.#tokens.set(key, token);
    return token;
  }

  #keep(subject: Subject, held: Held): Login {
    this.#held.set(keyOf(subject), held);
    return held.login;
  }
}

type Found = Readonly<{ credential: Credential | undefined; fault: RegistryFault | undefined }>;
type Plan = Found & Readonly<{ subject: Subject; challenge: Challenge | undefined; registry: URL }>;

function keyOf({ host, repository, actions, identity }: Subject): string {
  const who = identity.kind === "anonymous" ? identity.kind : `credentials ${identity.registryConfig ?? ""}`;
  return `${host}/${repository} ${actions} ${who}`;
}

/** Ours first: what the challenge names may be narrower, and is never a reason to ask for less. */
function scopesOf({ repository, actions }: Subject, offered = ""): readonly string[] {
  const scopes = [
    `repository:${repository}:${actions}`,
    ...offered.split(" ").filter((scope) => scope !== ""),
  ];
  return [...new Set(scopes)];
}

/** Without a token server: the password itself, a ready token, or nothing. */
function directLogin(plan: Plan): Login {
  const { challenge, credential } = plan;
  if (credential?.kind === "token") return loginOf(plan, "bearer", `Bearer ${credential.token}`);
  const header =
    challenge?.scheme === "basic" && credential?.kind === "basic"
      ? basicAuthorization(credential)
      : undefined;
  return loginOf(plan, header === undefined ? "none" : "basic", header);
}

function loginOf({ credential, fault }: Plan, scheme: Login["scheme"], header: string | undefined): Login {
  return {
    scheme,
    source: credential?.source ?? "anonymous",
    hasCredential: credential !== undefined,
    granted: false,
    fault,
    header,
  };
}
