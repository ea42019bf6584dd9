import { RegistryFault } from "../registry-fault.ts";
import { ADDRESS_REFUSED } from "./lookup.ts";

type Meaning = Readonly<{ reason: string; hint: string; transient?: boolean }>;

const certificate: Meaning = {
  reason: "tls",
  hint: "put the authority's certificate into ~/.config/containers/certs.d/HOST/ca.crt, or name it in registries[HOST].ca or NODE_EXTRA_CA_CERTS",
};
const handshake: Meaning = {
  reason: "tls",
  hint: "the port may speak plain http (registries[HOST].insecure) or ask for a client certificate (client.cert and client.key in certs.d/HOST)",
};
const lost: Meaning = {
  reason: "connection-lost",
  hint: "the connection was cut: try again, and look at what lies between",
  transient: true,
};
const slow: Meaning = {
  reason: "timeout",
  hint: "the registry did not answer in time: try again, and check the network and proxy",
  transient: true,
};
const unresolved: Meaning = {
  reason: "unresolved",
  hint: "check the host's name, DNS and, behind a proxy, HTTPS_PROXY",
};
const away: Meaning = {
  reason: "unreachable",
  hint: "no route to the registry: check the network, VPN and proxy",
};

const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: {
    reason: "refused",
    hint: "nothing listens there: check host and port, and that the registry runs",
  },
  ENOTFOUND: unresolved,
  EAI_AGAIN: { ...unresolved, transient: true },
  EHOSTUNREACH: away,
  ENETUNREACH: away,
  EADDRNOTAVAIL: away,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: slow,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  ECONNRESET: lost,
  EPIPE: lost,
  UND_ERR_SOCKET: lost,
  EPROTO: handshake,
  HOSTNAME_MISMATCH: certificate,
  [ADDRESS_REFUSED]: {
    reason: "untrusted-realm",
    hint: "the token server lies in a network that this registry must not point into",
  },
};

const patterns: readonly (readonly [RegExp, Meaning])[] = [
  [/^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|INVALID_CA|PATH_LENGTH_EXCEEDED)/, certificate],
  [/^(ERR_SSL_|ERR_TLS_)/, handshake],
];

const garbled: Meaning = {
  reason: "protocol",
  hint: "what answers there does not speak HTTP as a registry does",
};

export type Circumstances = Readonly<{ url: URL; proxy: URL | undefined; phase?: string | undefined }>;

/** The fault that an error of a socket, a TLS handshake or an HTTP parser stands for. */
export function transportFault(error: unknown, { url, proxy, phase }: Circumstances): RegistryFault {
  if (error instanceof RegistryFault) return error;
  const code = codeOf(error);
  const meaning = meaningOf(code);
  const where = proxy === undefined ? url.host : `${url.host} through the proxy ${proxy.host}`;
  const during = phase === undefined ? "" : ` while ${phase}`;
  return new RegistryFault(reasonOf(error, meaning, proxy), {
    detail: `${code} ${where}${during}`,
    hint: proxy === undefined ? meaning.hint.replaceAll("HOST", url.host) : proxyHint,
    transient: meaning.transient,
    unconnected: phase === undefined ? isBeforeConnection(error, code) : phase === CONNECTING,
    cause: error,
  });
}

/** The phase of an exchange until its connection, and TLS on it, stand. */
export const CONNECTING = "connecting";

/** The phase after it, until the head of the answer is there. */
export const WAITING = "waiting for its answer";

function isBeforeConnection(error: unknown, code: string): boolean {
  const early =
    ["ECONNREFUSED", "EPROTO", "UND_ERR_CONNECT_TIMEOUT"].includes(code) || code.startsWith("ERR_SSL_");
  return early || (error instanceof Error && error.message.includes("before secure TLS connection"));
}

const proxyHint = "check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY";

/** A fault on the way to a proxy, or in its answer to CONNECT, says nothing about the registry. */
function reasonOf(error: unknown, meaning: Meaning, proxy: URL | undefined): string {
  if (proxy === undefined || meaning === certificate) return meaning.reason;
  const connecting = /tunneling|proxy/i.test(error instanceof Error ? error.message : "");
  return connecting || meaning.reason !== "connection-lost" ? "proxy" : meaning.reason;
}

/** The code of the error, or of the first one that it gathers or was caused by. */
export function codeOf(error: unknown): string {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: unknown[]; cause?: unknown };
  if (typeof code === "string" && code !== "") return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  if (cause !== undefined) return codeOf(cause);
  return error instanceof Error ? error.name : "Error";
}

/** Whether what was reached may still speak plain http: not where it showed a certificate, trusted or not. */
export function mayBePlain(fault: RegistryFault): boolean {
  if (!fault.unconnected || fault.reason === "unresolved" || fault.reason === "proxy") return false;
  const code = codeOf(fault.cause);
  // An alert is sent by what speaks TLS.
  const alert = /alert/i.test(`${code} ${fault.cause instanceof Error ? fault.cause.message : ""}`);
  return !alert && meaningOf(code) !== certificate;
}

function meaningOf(code: string): Meaning {
  const known = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  return known ?? patterns.find(([pattern]) => pattern.test(code))?.[1] ?? garbled;
}
