import type { Credential } from "../builder/builder.ts";
import { DOCKER_HUB } from "../reference/reference-grammar.ts";

/** Docker Hub's name where logins are kept. */
const DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

type Fields = Readonly<Record<string, string>>;

/** What logins for a host are kept under, as in `auths` of docker's config.json. */
export function loginServer(host: string): string {
  return host === DOCKER_HUB ? DOCKER_HUB_SERVER : host;
}

/**
 * The login for `X-Registry-Auth`. Anonymous is an empty one: engines before 28 refuse a push without the header.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication
 */
export function engineLogin(host: string, credential: Credential | undefined): Fields {
  const serveraddress = loginServer(host);
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
