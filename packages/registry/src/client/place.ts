import type { Credential, ImageReference } from "@imagespec/core";
import { DOCKER_HUB } from "@imagespec/core";
import type { CertificateOptions } from "../http/channels.ts";

/** What a configuration says about one registry. */
export type HostOptions = CertificateOptions &
  Readonly<{
    /** Plain http, and certificates that cannot be verified, are let pass. */
    insecure?: boolean | undefined;
    /** Hosts or prefixes that are asked first: `mirror.example.com/dockerhub`. */
    mirrors?: readonly string[] | undefined;
    /** Token servers beside those that are trusted by themselves: a host, or a URL that realms start with. */
    tokenRealms?: readonly string[] | undefined;
    /** The registry is itself a cache of another one, so what it lacks may be there still. */
    pullThrough?: boolean | undefined;
  }>;

/** Where one repository is asked for. */
export type Place = Readonly<{
  /** As in references; `docker.io` for Docker Hub. */
  host: string;
  repository: string;
  insecure: boolean;
  /** A cache in front of the registry that the reference names: its 404 proves nothing. */
  cache: boolean;
}>;

/** A credential for a repository such as `ghcr.io/org/app`, asked before any other source. */
export type CredentialProvider = (
  repository: string,
) => Promise<Credential | undefined> | Credential | undefined;

/** What stands for a reference in the paths of the protocol. */
export function tagOrDigest(reference: ImageReference): string {
  return reference.digest ?? reference.tag ?? "latest";
}

/** The host to connect to. */
export function connectHost(host: string): string {
  return host === DOCKER_HUB ? "registry-1.docker.io" : host;
}
