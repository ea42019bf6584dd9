/**
 * The grammar of `github.com/distribution/reference`, apart from upper-case host names without a dot, which are refused
 * because they are nearly always a misspelt namespace.
 */
export const DOCKER_HUB = "docker.io";
/** Characters that a repository may have, host included, by distribution's reference grammar. */
export const MAX_REPOSITORY_LENGTH = 255;
export const MAX_TAG_LENGTH = 128;

const dockerHubAliases: ReadonlySet<string> = new Set(["index.docker.io", "registry-1.docker.io"]);
const hostPattern =
  /^(?<name>[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*|\[[a-f0-9:.]+\])(?::(?<port>[0-9]{1,5}))?$/;
const pathComponentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]*$/;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Lower-cased; every name of Docker Hub becomes `docker.io`. */
export function normalizeHost(host: string): string {
  const lower = host.toLowerCase();
  return dockerHubAliases.has(lower) ? DOCKER_HUB : lower;
}

/** Whether the part before the first slash names a host, not a namespace of Docker Hub. */
export function looksLikeHost(segment: string): boolean {
  return /[.:]/.test(segment) || segment.toLowerCase() === "localhost";
}

/** For a lower-case host with an optional port. What `URL` would rewrite (`0x7f.1`) is none. */
export function isHost(host: string): boolean {
  const groups = hostPattern.exec(host)?.groups;
  if (groups === undefined || Number(groups.port ?? 1) > 65_535 || Number(groups.port ?? 1) < 1) return false;
  return isStableHostname(groups.name ?? "");
}

/** `URL` reads names that end in a number as IPv4 addresses, and decodes labels that begin with `xn--`. */
function isStableHostname(name: string): boolean {
  if (/(?:^|\.)xn--|^\[/.test(name)) return isStableUrlHost(name);
  const labels = name.split(".");
  if (!/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return true;
  return labels.length === 4 && labels.every(isDecimalByte);
}

function isStableUrlHost(name: string): boolean {
  if (!URL.canParse(`https://${name}`)) return false;
  return name.startsWith("[") || new URL(`https://${name}`).hostname === name;
}

function isDecimalByte(label: string): boolean {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(label) && Number(label) <= 255;
}

/** Is it one part of a repository, between slashes, by distribution's reference grammar? */
export function isPathComponent(component: string): boolean {
  return pathComponentPattern.test(component);
}

/** Is it a tag by distribution's reference grammar: 1 to 128 characters of `[A-Za-z0-9_.-]`, no first `.` or `-`? */
export function isTag(tag: string): boolean {
  return tag.length <= MAX_TAG_LENGTH && tagPattern.test(tag);
}

/** A digest of one of the OCI image spec's registered algorithms, in lower-case hex. */
export function isDigest(digest: string): boolean {
  const [algorithm = "", hex = "", ...rest] = digest.split(":");
  if (rest.length > 0 || !Object.hasOwn(digestLengths, algorithm)) return false;
  return hex.length === digestLengths[algorithm] && /^[a-f0-9]+$/.test(hex);
}

/** `localhost`, `*.localhost`, 127.0.0.0/8 and `[::1]`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/:[0-9]+$/, "");
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "[::1]" ||
    /^127(?:\.[0-9]{1,3}){3}$/.test(name)
  );
}
