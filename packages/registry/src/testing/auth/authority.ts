import { createPrivateKey } from "node:crypto";
import type { Methods } from "../http/registry-request.ts";
import { createCertificateAuthority } from "../tls/certificate-authority.ts";
import type { AuthOptions, BearerAuth } from "./auth-options.ts";
import { basicGuard, bearerGuard, type Guard } from "./guard.ts";
import { tokenMethods } from "./token-endpoint.ts";
import { TokenSigner } from "./token-signer.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

/** How one registry decides who may do what. */
export type Authority = Readonly<{
  guard: Guard;
  /** Of `/token`; none without bearer authentication. */
  tokenMethods: Methods | undefined;
  tokens: Tokens | undefined;
  /** PEM of what signed tokens are verified with. */
  tokenCertificate: string | undefined;
}>;

const DEFAULT_LIFETIME = 300;

/** @param now milliseconds since 1970, by which tokens expire */
export function createAuthority(auth: AuthOptions, now: () => number): Authority {
  const none = { tokenMethods: undefined, tokens: undefined, tokenCertificate: undefined };
  if (auth.kind === "none") return { ...none, guard: () => {} };
  if (auth.kind === "bearer") return bearerAuthority(auth, now);
  return {
    ...none,
    guard: basicGuard(new Users(auth.users, auth.allow), auth.realm ?? "imagespec-test-registry"),
  };
}

function bearerAuthority(auth: BearerAuth, now: () => number): Authority {
  const service = auth.service ?? "imagespec-test-registry";
  const signing =
    auth.tokens === "signed" ? createSigning(auth.issuer ?? "imagespec-test-issuer", service) : undefined;
  const tokens = new Tokens({ now, lifetime: auth.lifetime ?? DEFAULT_LIFETIME, signer: signing?.signer });
  return {
    guard: bearerGuard({ tokens, service, realm: auth.realm }),
    tokenMethods: tokenMethods({ tokens, service, users: new Users(auth.users ?? {}, auth.allow) }),
    tokens,
    tokenCertificate: signing?.certificate,
  };
}

function createSigning(
  issuer: string,
  service: string,
): Readonly<{ signer: TokenSigner; certificate: string }> {
  const { certificate, key } = createCertificateAuthority({ name: issuer });
  return {
    certificate,
    signer: new TokenSigner({ issuer, service, key: createPrivateKey(key), certificate }),
  };
}
