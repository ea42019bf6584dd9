import type { Place } from "./place.ts";

/** What to do about an unknown verdict; undefined where nothing general helps. */
export function hintFor(reason: string, { host, repository }: Place): string | undefined {
  const hints: Readonly<Record<string, string>> = {
    "auth-required-or-absent": `it is private or not there; ${loginHint(host)}`,
    "denied-or-absent": `the login was accepted, but ${repository} is not there or closed to it`,
    "bad-credentials": `the login is wrong or has expired; ${loginHint(host)}`,
    denied: "the login lacks permission, or the registry hides what is not there",
    "rate-limited": `try again later, or log in, which raises the limit: docker login ${host}`,
    "server-error": "the registry has a fault: try again later",
    "not-a-registry": `what answers at ${host} is no container registry: check the host and the path in front of the image's name`,
    "mirror-miss": `${host} is a cache, and what it lacks may be there: ask the registry behind it`,
    "digest-mismatch": "the registry, or a cache in front of it, gives other bytes than were asked for",
  };
  return Object.hasOwn(hints, reason) ? hints[reason] : undefined;
}

/** How to log in to a registry, with and without Docker. */
export function loginHint(host: string): string {
  const token = host === "ghcr.io" ? ", or GITHUB_TOKEN" : "";
  const name = host === "docker.io" ? "" : ` ${host}`;
  return `log in: echo $TOKEN | docker login${name} -u USER --password-stdin  (without Docker: skopeo login ${host}${token})`;
}
