import { showUrl } from "../redact.ts";
import { RegistryFault } from "../registry-fault.ts";
import { type AddressClass, classifyAddress } from "../transport/address-class.ts";
import { resolvableName } from "../transport/lookup.ts";

export type RealmQuestion = Readonly<{
  /** As the challenge has it; may be relative. */
  realm: string;
  /** The URL that was answered with the challenge. */
  registry: URL;
  /** A user's credentials would be sent there. */
  withCredentials: boolean;
  /** Hosts or URLs of token servers that the configuration names for this registry. */
  trusted: readonly string[];
}>;

/** Where tokens come from, and what addresses that name may lead to. */
export type Realm = Readonly<{ url: URL; reach: ReadonlySet<AddressClass> | undefined }>;

/** Token servers of registries that lie on another domain. */
const knownTokenServers: ReadonlySet<string> = new Set(["auth.docker.io", "gitlab.com"]);

/**
 * Decides whether a token server named by a registry may be asked. A registry that was taken over, or a proxy between,
 * must not be able to collect passwords elsewhere or to reach into our own network.
 *
 * @throws RegistryFault `untrusted-realm`, with the line that would allow it.
 * @see https://github.com/google/go-containerregistry/issues/2193 and CVE-2020-15157
 */
export async function judgeRealm(question: RealmQuestion): Promise<Realm> {
  const { registry, withCredentials } = question;
  const url = parseRealm(question);
  if (url.username !== "" || url.password !== "") throw untrusted(question, url, "it names a user");
  if (isConfigured(url, question.trusted)) return { url, reach: undefined };
  if (url.protocol !== "https:" && (url.protocol !== "http:" || registry.protocol === "https:"))
    throw untrusted(question, url, "it is not https");
  if (url.hostname === registry.hostname) return { url, reach: undefined };
  const reach = await reachOf(question, url);
  if (withCredentials && !(await mayHaveCredentials(url, registry)))
    throw untrusted(question, url, "credentials would go to a host of another domain");
  return { url, reach };
}

function parseRealm({ realm, registry }: RealmQuestion): URL {
  if (URL.canParse(realm, registry.href)) return new URL(realm, registry);
  throw new RegistryFault("protocol", {
    detail: `${registry.host} names a token server that is no URL`,
    hint: "the registry's configuration (its realm) is wrong",
  });
}

/** An entry is a host, or a URL that the realm starts with; only such a URL allows plain http from https. */
function isConfigured(url: URL, trusted: readonly string[]): boolean {
  return trusted.some((entry) => {
    if (entry.includes("://")) return URL.canParse(entry) && isBelow(url, new URL(entry));
    const host = entry.toLowerCase().replace(/\/+$/, "");
    return url.protocol === "https:" && (url.host === host || url.hostname === host);
  });
}

function isBelow(url: URL, base: URL): boolean {
  const path = base.pathname.replace(/\/+$/, "");
  return url.origin === base.origin && (url.pathname === path || url.pathname.startsWith(`${path}/`));
}

/** Addresses that are not public are for registries of the same kind: loopback for loopback, private for private. */
async function reachOf(question: RealmQuestion, url: URL): Promise<ReadonlySet<AddressClass>> {
  const wanted = await classesOf(url.hostname);
  const inner = wanted.filter((kind) => kind !== "public");
  const own = inner.length === 0 ? [] : await classesOf(question.registry.hostname);
  const foreign = inner.find((kind) => !own.includes(kind));
  if (foreign !== undefined)
    throw untrusted(question, url, `its address is ${foreign}, the registry's is not`);
  return new Set<AddressClass>(["public", ...inner]);
}

/** A name that does not resolve is left to the connection, whose fault says so. */
async function classesOf(hostname: string): Promise<readonly AddressClass[]> {
  const literal = classifyAddress(hostname);
  if (literal !== undefined) return [literal];
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(resolvableName(hostname), { all: true });
    return [...new Set(found.map(({ address }) => classifyAddress(address) ?? "public"))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === "getaddrinfo") return [];
    throw error;
  }
}

async function mayHaveCredentials(url: URL, registry: URL): Promise<boolean> {
  if (knownTokenServers.has(url.host)) return true;
  const { getDomain } = await import("tldts");
  const domainOf = (host: string): string | null => getDomain(host, { allowPrivateDomains: true });
  const domain = domainOf(url.hostname);
  return domain !== null && domain === domainOf(registry.hostname);
}

function untrusted({ registry }: RealmQuestion, url: URL, why: string): RegistryFault {
  const entry = url.protocol === "https:" ? url.host : showUrl(url);
  return new RegistryFault("untrusted-realm", {
    detail: `${registry.host} sends logins to ${showUrl(url)}: ${why}`,
    hint: `if that is right, add to imagespec.config.ts: registries: { ${JSON.stringify(registry.host)}: { tokenRealms: [${JSON.stringify(entry)}] } }`,
  });
}
