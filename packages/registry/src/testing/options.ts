import type { AuthOptions } from "./auth/auth-options.ts";
import type { FaultRule } from "./faults/fault.ts";

/** https by an authority made for this registry. */
export type TlsOptions = Readonly<{
  /** PEM; together with `key`. Default: one for the names of loopback, by a private authority made for it. */
  certificate?: string;
  key?: string;
  /** PEM of the authority whose client certificates are demanded. Default: none are. */
  clientAuthority?: string;
}>;

/** What the registry is started with; all of it may be left out. */
export type RegistryOptions = Readonly<{
  /** Default: a free one. */
  port?: number;
  /** Only loopback. Default `127.0.0.1`. */
  address?: "127.0.0.1" | "::1";
  /** Default: anyone may do everything. */
  auth?: AuthOptions;
  /** https. `true`: with a certificate of a private authority, whose certificate is {@link TestRegistry.certificateAuthority}. */
  tls?: boolean | TlsOptions;
  faults?: readonly FaultRule[];
  /** Whether the log of requests keeps credentials. Default: only their scheme. */
  keepAuthorization?: boolean;
  /** A tag that is there cannot be moved. Default false. */
  immutableTags?: boolean;
  /** Whether content can be deleted. Default true. */
  deletes?: boolean;
  /** An index may be pushed before its manifests. Default false. */
  sparseManifests?: boolean;
  /** False: there is no referrers API, as in registries before version 1.1 of the specification. Default true. */
  referrers?: boolean;
  /** OCI manifests are hidden from clients that do not name their type, as docker's registry does. Default false. */
  strictAccept?: boolean;
  /** Location headers without scheme and host. Default false. */
  relativeLocations?: boolean;
  /** The most entries of one page of a list. Default 1000. */
  pageSize?: number;
  /** Default 4 MiB. */
  maxManifestBytes?: number;
  /** Default 2 GiB. */
  maxBlobBytes?: number;
  /** The time by which tokens expire, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}>;
