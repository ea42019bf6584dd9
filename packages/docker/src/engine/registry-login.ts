import type { Credential } from "@imagespec/core";
import type { RegistryLogin } from "./session/session-methods.ts";

/** The login that a session gives. It has no place for a bearer token: BuildKit asks for its own. */
export function sessionLogin(credential: Credential | undefined): RegistryLogin | undefined {
  if (credential === undefined || credential.kind === "token") return undefined;
  if (credential.kind === "identityToken") return { username: "", secret: credential.token };
  return { username: credential.username, secret: credential.password };
}
