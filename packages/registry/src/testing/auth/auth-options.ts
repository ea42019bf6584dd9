/** One question of who may do what. */
export type AccessRequest = Readonly<{
  /** Undefined: nobody has named themselves. */
  user: string | undefined;
  /** The repository; `catalog` for the list of repositories. */
  repository: string;
  /** `pull`, `push` or `delete`; `*` for the list of repositories. */
  action: string;
}>;

/** Whether that is allowed. Left out, every user may do everything and nobody else anything. */
export type AccessRule = (request: AccessRequest) => boolean;

/** Passwords with every request. */
export type BasicAuth = Readonly<{
  kind: "basic";
  /** Passwords by user name. */
  users: Readonly<Record<string, string>>;
  realm?: string;
  allow?: AccessRule;
}>;

/** Tokens by the distribution token specification, given out at `/token` of the same server. */
export type BearerAuth = Readonly<{
  kind: "bearer";
  /** Passwords by user name, asked for at the registry's own token endpoint `/token`. */
  users?: Readonly<Record<string, string>>;
  allow?: AccessRule;
  /** `signed` tokens are JWTs (ES256, `x5c`) that docker's registry accepts too. Default `opaque`. */
  tokens?: "opaque" | "signed";
  /** Seconds that a token is valid. Default 300. */
  lifetime?: number;
  /** Default `imagespec-test-registry`. */
  service?: string;
  /** The URL in the challenge. Default: the registry's own `/token`, under the name that the client used. */
  realm?: string;
  /** The `iss` of signed tokens. Default `imagespec-test-issuer`. */
  issuer?: string;
}>;

/** How the registry lets people in. */
export type AuthOptions = Readonly<{ kind: "none" }> | BasicAuth | BearerAuth;
