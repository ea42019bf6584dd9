import { randomBytes } from "node:crypto";
import type { Access } from "./access.ts";
import type { TokenSigner } from "./token-signer.ts";

/** Whom a token was given to, undefined for a stranger, and what it allows. */
export type TokenGrant = Readonly<{ user: string | undefined; access: readonly Access[] }>;

export type IssuedToken = Readonly<{ token: string; issuedAt: Date; lifetime: number }>;

type TokensOptions = Readonly<{
  /** Seconds. */
  lifetime: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Left out, tokens are opaque. */
  signer?: TokenSigner | undefined;
}>;

type Entry = TokenGrant & Readonly<{ expires: number }>;

/** The tokens that one registry has given out. */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #live: Map<string, Entry> = new Map();
  readonly #refresh: Map<string, string> = new Map();

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  issue(grant: TokenGrant): IssuedToken {
    const { lifetime, now, signer } = this.#options;
    const issuedAt = new Date(now());
    const token = signer?.sign({ ...grant, issuedAt, lifetime }) ?? randomBytes(32).toString("base64url");
    this.#live.set(token, { ...grant, expires: issuedAt.getTime() + lifetime * 1000 });
    return { token, issuedAt, lifetime };
  }

  /** What the token allows; undefined when it is unknown, expired or revoked. */
  find(token: string): TokenGrant | undefined {
    const entry = this.#live.get(token);
    if (entry === undefined || entry.expires <= this.#options.now()) return undefined;
    return entry;
  }

  /** One token, or all of them. Refresh tokens stay. */
  revoke(token?: string): void {
    if (token === undefined) this.#live.clear();
    else this.#live.delete(token);
  }

  issueRefresh(user: string): string {
    const token = randomBytes(32).toString("base64url");
    this.#refresh.set(token, user);
    return token;
  }

  /** Whose refresh token it is; undefined: nobody's. */
  findRefresh(token: string): string | undefined {
    return this.#refresh.get(token);
  }
}
