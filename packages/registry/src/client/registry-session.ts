import { isLoopbackHost } from "@imagespec/core";
import type { Authenticator, Identity, Login, Subject } from "../auth/authenticator.ts";
import type { Answer, HttpClient, Request } from "../http/http-client.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { HttpMethod } from "../transport/transport.ts";
import { mayBePlain } from "../transport/transport-fault.ts";
import { connectHost, type Place } from "./place.ts";

/** One request of the distribution protocol. */
export type RegistryRequest = Readonly<{
  place: Place;
  method: HttpMethod;
  /** Below `/v2/<repository>/`, or a URL that the registry gave. */
  path: string | URL;
  accept?: string | undefined;
  maxBody: number;
  actions: "pull" | "pull,push";
  identity: Identity;
  tries?: number | undefined;
  /** False: a 401 is taken as it is. */
  mayLogIn?: boolean | undefined;
  signal: AbortSignal | undefined;
}>;

/** `login`: how the last request was authorised; undefined where the registry asked for nothing. */
export type RegistryAnswer = Readonly<{ answer: Answer; login: Login | undefined }>;

export type SessionSettings = Readonly<{
  isInsecure(host: string): boolean;
  trustedRealms(host: string): readonly string[];
}>;

/** Requests to registries: https or http, and the logins they ask for. */
export class RegistrySession {
  readonly #http: HttpClient;
  readonly #authenticator: Authenticator;
  readonly #settings: SessionSettings;
  readonly #schemes = new Map<string, "https" | "http">();
  readonly #deciding = new Map<string, Promise<unknown>>();

  constructor(http: HttpClient, authenticator: Authenticator, settings: SessionSettings) {
    this.#http = http;
    this.#authenticator = authenticator;
    this.#settings = settings;
  }

  /** The answer after at most one login, and one more where a token was refused by a 400. Rejects with a `RegistryFault`. */
  async ask(request: RegistryRequest): Promise<RegistryAnswer> {
    const subject = this.#subjectOf(request);
    let login = await this.#authenticator.held(subject, request.signal);
    let answer = await this.#send(request, login?.header);
    const answered = new Set<number>();
    while (request.mayLogIn !== false && wantsLogin(request, answer, login) && !answered.has(answer.status)) {
      answered.add(answer.status);
      const refused = login?.header;
      // Only a request without a token is told again how to get one.
      const bare = answer.status === 400 ? await this.#send(request, undefined) : answer;
      if (bare.status !== 401) return { answer: bare, login: undefined };
      login = await this.#authenticator.answer(subject, bare, { refused, signal: request.signal });
      if (login.header === undefined) return { answer: bare, login };
      answer = await this.#send(request, login.header);
    }
    return { answer, login };
  }

  #subjectOf({ place, actions, identity }: RegistryRequest): Subject {
    const { host, repository } = place;
    return { host, repository, actions, identity, trustedRealms: this.#settings.trustedRealms(host) };
  }

  async #send(request: RegistryRequest, authorization: string | undefined): Promise<Answer> {
    const { place } = request;
    const scheme = await this.#schemeOf(place);
    if (scheme !== undefined) return this.#http.send(httpRequest(request, scheme, authorization));
    const decided = this.#decide(request, authorization);
    this.#deciding.set(place.host, decided);
    return decided.finally(() => this.#deciding.delete(place.host));
  }

  /** Undefined: nobody knows yet, and whoever asks finds out. */
  async #schemeOf(place: Place): Promise<"https" | "http" | undefined> {
    if (!this.#mayBePlain(place)) return "https";
    while (this.#deciding.has(place.host)) await settled(this.#deciding.get(place.host));
    return this.#schemes.get(place.host);
  }

  #mayBePlain({ host, insecure }: Place): boolean {
    return insecure || isLoopbackHost(host) || this.#settings.isInsecure(host);
  }

  async #decide(request: RegistryRequest, authorization: string | undefined): Promise<Answer> {
    const attempt = async (scheme: "https" | "http", tries: number | undefined): Promise<Answer> => {
      const answer = await this.#http.send({ ...httpRequest(request, scheme, authorization), tries });
      this.#schemes.set(request.place.host, scheme);
      return answer;
    };
    const { signal, place, tries } = request;
    if (await this.#http.isPlain(new URL(`https://${connectHost(place.host)}`), signal))
      return attempt("http", tries);
    signal?.throwIfAborted();
    try {
      return await attempt("https", 1);
    } catch (error) {
      if (!(error instanceof RegistryFault && mayBePlain(error))) throw error;
      return attempt("http", tries);
    }
  }
}

async function settled(promise: Promise<unknown> | undefined): Promise<void> {
  await Promise.allSettled([promise]);
}

function httpRequest(request: RegistryRequest, scheme: string, authorization: string | undefined): Request {
  const { place, path, method, accept, maxBody, tries, signal } = request;
  const base = `${scheme}://${connectHost(place.host)}/v2/${place.repository}/`;
  return {
    method,
    url: typeof path === "string" ? new URL(base + path) : path,
    headers: {
      "user-agent": "imagespec",
      ...(accept === undefined ? {} : { accept }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    maxBody,
    tries,
    ...(place.insecure ? { needs: { verify: false } } : {}),
    signal,
  };
}

/** What another host answered, after a redirect, is no reason to show it our credentials. */
function wantsLogin({ place }: RegistryRequest, { status, url }: Answer, login: Login | undefined): boolean {
  if (status !== 401 && !(status === 400 && login?.scheme === "bearer")) return false;
  return url.host === new URL(`${url.protocol}//${connectHost(place.host)}`).host;
}
