import { type Credential, DOCKER_HUB } from "@imagespec/core";
import type { RegistryLogin } from "./session/session-methods.ts";

/** What Docker Hub is called where logins are kept. */
const DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

/**
 * The login for `X-Registry-Auth`. Anonymous is an empty one: engines before 28 refuse a push without the header.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication
 */
export function engineLogin(
  host: string,
  credential: Credential | undefined,
): Readonly<Record<string, string>> {
  const serveraddress = host === DOCKER_HUB ? DOCKER_HUB_SERVER : host;
  switch (credential?.kind) {
    case undefined:
      return {};
    case "basic":
      return { username: credential.username, password: credential.password, serveraddress };
    case "identityToken":
      return { identitytoken: credential.token, serveraddress };
    case "token":
      return { registrytoken: credential.token, serveraddress };
  }
}

/** The login that a session gives. It has no place for a bearer token: BuildKit asks for its own. */
export function sessionLogin(credential: Credential | undefined): RegistryLogin | undefined {
  if (credential === undefined || credential.kind === "token") return undefined;
  if (credential.kind === "identityToken") return { username: "", secret: credential.token };
  return { username: credential.username, secret: credential.password };
}
