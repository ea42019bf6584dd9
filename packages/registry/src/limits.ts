/** Bounds of every exchange with a registry. Times are milliseconds, sizes bytes. */
export type RegistryLimits = Readonly<{
  connect: number;
  headers: number;
  /** One exchange from its start to the end of its body. */
  total: number;
  tries: number;
  /** The wait before the second try is at most this; it triples with each further one, with full jitter. */
  backoff: number;
  /** A registry that asks for a longer pause than this is not waited for. */
  retryAfter: number;
  credentialHelper: number;
  connectionsPerHost: number;
  keepAlive: number;
  /** How long a positive answer is remembered; 0 remembers none. */
  remember: number;
}>;

export const defaultLimits: RegistryLimits = {
  connect: 5_000,
  headers: 15_000,
  total: 30_000,
  tries: 3,
  backoff: 500,
  retryAfter: 60_000,
  credentialHelper: 10_000,
  connectionsPerHost: 8,
  keepAlive: 30_000,
  remember: 120_000,
};

export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;
export const MAX_TOKEN_BYTES: number = 64 * 1024;
export const MAX_ERROR_BYTES: number = 16 * 1024;
export const MAX_REDIRECTS = 10;
