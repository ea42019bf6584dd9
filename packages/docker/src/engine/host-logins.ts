import { type BuildServices, isHost, normalizeHost, parseImageReference } from "@imagespec/core";
import { sessionLogin } from "./registry-login.ts";
import type { RegistryLogin } from "./session/session-methods.ts";

/**
 * Answers a session's question for the login of a host: with that host's own, asked for the image that the build takes
 * from there, and with nobody else's.
 */
export class HostLogins {
  readonly #images: readonly string[];
  readonly #credentials: BuildServices["credentials"];
  #fault: { error: unknown } | undefined;

  constructor(images: readonly string[], credentials: BuildServices["credentials"]) {
    this.#images = images;
    this.#credentials = credentials;
  }

  /** Why a login could not be given, where that is so: the engine only sees that there was none. */
  get fault(): { error: unknown } | undefined {
    return this.#fault;
  }

  async login(asked: string): Promise<RegistryLogin | undefined> {
    const host = normalizeHost(asked);
    if (!isHost(host)) return undefined;
    try {
      return sessionLogin(await this.#credentials(`${host}/${this.#repositoryOn(host)}`, "pull"));
    } catch (error) {
      this.#fault ??= { error };
      throw error;
    }
  }

  /** On a mirror, the path of the image that it mirrors. */
  #repositoryOn(host: string): string {
    const images = this.#images.map(parseImageReference);
    return (images.find((image) => image.host === host) ?? images[0])?.repository ?? "library";
  }
}
