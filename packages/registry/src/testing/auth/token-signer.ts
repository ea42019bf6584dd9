import { type KeyObject, randomUUID, sign } from "node:crypto";
import { pemToDer } from "../tls/pem.ts";
import type { Access } from "./access.ts";

export type TokenClaims = Readonly<{
  user: string | undefined;
  access: readonly Access[];
  issuedAt: Date;
  /** Seconds. */
  lifetime: number;
}>;

type SignerOptions = Readonly<{ issuer: string; service: string; key: KeyObject; certificate: string }>;

/** Writes JWTs as the token authentication of docker's registry wants them: ES256, the certificate in `x5c`. */
export class TokenSigner {
  readonly #options: SignerOptions;

  /** @param options `key` is a P-256 private key and `certificate` the PEM of the one that vouches for it */
  constructor(options: SignerOptions) {
    this.#options = options;
  }

  sign(claims: TokenClaims): string {
    const { key, certificate } = this.#options;
    const header = { typ: "JWT", alg: "ES256", x5c: [pemToDer(certificate).toString("base64")] };
    const content = `${encode(header)}.${encode(this.#payload(claims))}`;
    const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
    return `${content}.${signature.toString("base64url")}`;
  }

  #payload({ user, access, issuedAt, lifetime }: TokenClaims): unknown {
    const { issuer, service } = this.#options;
    const iat = Math.floor(issuedAt.getTime() / 1000);
    return {
      iss: issuer,
      sub: user ?? "",
      aud: service,
      iat,
      nbf: iat,
      exp: iat + lifetime,
      jti: randomUUID(),
      access,
    };
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
