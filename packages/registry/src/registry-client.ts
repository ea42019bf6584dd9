import {
  type Credential,
  type Existence,
  type ExistenceQuery,
  type ExpectedImage,
  type ImageConfig,
  type ImageReference,
  normalizePlatform,
  type PushPermission,
  type PushVerification,
  type RegistryQuery,
  type RegistryService,
} from "@imagespec/core";
import type { Identity } from "./auth/authenticator.ts";
import { askPlaces } from "./client/ask-places.ts";
import { type ClientParts, createParts } from "./client/create-parts.ts";
import { findCredential } from "./client/find-credential.ts";
import { askPlace } from "./client/image-query.ts";
import type { RegistryClientOptions } from "./client/options.ts";
import { ping, type RegistryGreeting } from "./client/ping.ts";
import { PositiveAnswers } from "./client/positive-answers.ts";
import { type PublicAccess, publicAccessOf } from "./client/public-access.ts";
import { checkPush } from "./client/push-check.ts";
import { readImageConfig } from "./client/read-image-config.ts";
import { ReferenceReader } from "./client/reference-reader.ts";
import { askAfterPush, compareWithBuilt } from "./client/verify-push.ts";
import { SingleFlight } from "./http/single-flight.ts";
import { type Places, placesOf } from "./mirrors/places.ts";

/** A client of container registries. Its methods may be called at once, and reject on abort and for illegal names. */
export type RegistryClient = RegistryService &
  Readonly<{
    /** Whether anybody may pull the image, asked without any credential, and where to change that. */
    checkPublic(reference: string, query?: RegistryQuery): Promise<PublicAccess>;
    /**
     * Asks a registry, such as `ghcr.io`, whether it is one, without credentials and without a question about images.
     * What cannot be reached is told, not thrown.
     */
    ping(host: string, query?: RegistryQuery): Promise<RegistryGreeting>;
    /** Compares what the registry itself now has with what was built and pushed. Nothing remembered is used. */
    verifyPush(reference: string, expected: ExpectedImage, query?: RegistryQuery): Promise<PushVerification>;
  }>;

/**
 * A client that asks any registry of the OCI distribution specification whether images are there. What it cannot know,
 * it calls `unknown`, with a reason and what helps.
 *
 * Connections are kept; they do not hold the process. `close()` ends them.
 *
 * @throws ImageSpecError `REGISTRY_PREFIX_INVALID` from its methods, where a configured mirror is no registry prefix.
 */
export function registryClient(options: RegistryClientOptions = {}): RegistryClient {
  return new Client(createParts(options));
}

const anonymous: Identity = { kind: "anonymous" };

class Client implements RegistryClient {
  readonly #parts: ClientParts;
  readonly #positive: PositiveAnswers;
  readonly #references = new ReferenceReader();
  readonly #questions = new SingleFlight<Existence>();

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#positive = new PositiveAnswers(parts.limits.remember);
  }

  async exists(text: string, query: ExistenceQuery = {}): Promise<Existence> {
    query.signal?.throwIfAborted();
    const { reference, name } = this.#references.read(text);
    const platforms = query.platforms === undefined ? undefined : normalized(query.platforms);
    const question = JSON.stringify([platforms ?? [], query.registryConfig ?? "", query.insecure === true]);
    const known = this.#positive.get(name, question);
    if (known !== undefined) return known;
    const { age } = this.#positive;
    return this.#questions.run(`${name} ${question} ${age}`, query.signal, async (signal) => {
      const answer = await this.#ask(reference, { ...query, platforms, signal });
      if (age === this.#positive.age) this.#positive.keep(name, question, answer);
      return answer;
    });
  }

  async #ask(reference: ImageReference, query: AskQuery): Promise<Existence> {
    const places = await this.#places(reference, query);
    const { platforms, signal, identity = identityOf(query) } = query;
    const asked = query.origin === true ? { ...places, mirrors: [] } : places;
    return askPlaces(asked, (place) =>
      askPlace(this.#parts, place, { reference, identity, platforms, signal }),
    );
  }

  async #places(reference: ImageReference, query: RegistryQuery): Promise<Places> {
    const configured = await this.#parts.configured();
    return placesOf(reference, query.insecure === true, { options: this.#parts.hosts, configured });
  }

  async imageConfig(
    text: string,
    platform: string,
    query: RegistryQuery = {},
  ): Promise<ImageConfig | undefined> {
    const reference = this.#references.read(text).reference;
    const wanted = normalizePlatform(platform);
    const { origin, mirrors } = await this.#places(reference, query);
    const question = { reference, platform: wanted, identity: identityOf(query), signal: signalOf(query) };
    return readImageConfig(this.#parts, [...mirrors, origin], question);
  }

  async credentials(
    repository: string,
    _access: "pull" | "push",
    query: RegistryQuery = {},
  ): Promise<Credential | undefined> {
    return findCredential(this.#parts.store, this.#references.read(repository).reference, query);
  }

  async checkPush(repository: string, query: RegistryQuery = {}): Promise<PushPermission> {
    const { origin } = await this.#places(this.#references.read(repository).reference, query);
    const question = { place: origin, identity: identityOf(query), signal: signalOf(query) };
    return checkPush(this.#parts.session, question);
  }

  async checkPublic(text: string, query: RegistryQuery = {}): Promise<PublicAccess> {
    const reference = this.#references.read(text).reference;
    const own = { ...query, signal: signalOf(query), origin: true, platforms: undefined };
    const open = await this.#ask(reference, { ...own, identity: anonymous });
    return publicAccessOf(reference, open, () => this.#ask(reference, own));
  }

  async verifyPush(
    text: string,
    expected: ExpectedImage,
    query: RegistryQuery = {},
  ): Promise<PushVerification> {
    const reference = this.#references.read(text).reference;
    this.forget(text);
    const own = { ...query, signal: signalOf(query), origin: true, platforms: expected.platforms };
    const found = await askAfterPush(this.#parts.limits, own.signal, () => this.#ask(reference, own));
    return compareWithBuilt(found, expected);
  }

  async ping(host: string, query: RegistryQuery = {}): Promise<RegistryGreeting> {
    const { reference } = this.#references.read(`${host}/ping`);
    const { origin } = await this.#places(reference, query);
    return ping(this.#parts.session, origin, signalOf(query));
  }

  forget(text: string): void {
    this.#positive.forget(this.#references.read(text).name);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }
}

type AskQuery = RegistryQuery &
  Readonly<{
    platforms: readonly string[] | undefined;
    signal: AbortSignal | undefined;
    identity?: Identity;
    /** Mirrors are not asked. */
    origin?: boolean;
  }>;

function identityOf({ registryConfig }: RegistryQuery): Identity {
  return { kind: "credentials", registryConfig };
}

function signalOf({ signal }: RegistryQuery): AbortSignal | undefined {
  signal?.throwIfAborted();
  return signal;
}

function normalized(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map(normalizePlatform))].sort();
}
