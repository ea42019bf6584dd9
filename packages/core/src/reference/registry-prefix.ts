import { ImageSpecError } from "../errors/image-spec-error.ts";
import { DOCKER_HUB, isHost, isPathComponent, looksLikeHost, normalizeHost } from "./reference-grammar.ts";

/** Where images are pushed to: the part of their references in front of their name. */
export type RegistryPrefix = Readonly<{
  /** Lower-case, with the port where one is written. */
  host: string;
  /** Without slashes at its ends; empty where images lie directly below the host. */
  namespace: string;
  /** Written with `http://`. */
  insecure: boolean;
  /** `host` or `host/namespace`. */
  canonical: string;
}>;

const schemePattern = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\//i;

/**
 * Reads the `registry` of a spec: a host, a host and a namespace, or a namespace of Docker Hub. `https://`, `http://` and
 * a trailing slash are allowed. Letters become lower-case.
 *
 * @throws ImageSpecError `REGISTRY_PREFIX_INVALID`, with a hint.
 */
export function parseRegistryPrefix(text: string): RegistryPrefix {
  const scheme = schemePattern.exec(text)?.groups?.scheme?.toLowerCase();
  const bare = text.replace(schemePattern, "").replace(/\/+$/, "").toLowerCase();
  const [first = "", ...rest] = bare.split("/");
  const named = looksLikeHost(first) || scheme !== undefined;
  const host = named ? normalizeHost(first) : DOCKER_HUB;
  const namespace = (named ? rest : [first, ...rest]).join("/");
  const fault = faultOf({ text, scheme, host, namespace });
  if (fault !== undefined) throw invalidPrefix(text, fault);
  return {
    host,
    namespace,
    insecure: scheme === "http",
    canonical: namespace === "" ? host : `${host}/${namespace}`,
  };
}

type Candidate = Readonly<{ text: string; scheme: string | undefined; host: string; namespace: string }>;
type Fault = Readonly<{ message: string; hint: string }>;

function faultOf({ text, scheme, host, namespace }: Candidate): Fault | undefined {
  if (text.trim() !== text || text === "") return { message: "it is empty or holds blanks", hint: example };
  if (scheme !== undefined && scheme !== "https" && scheme !== "http")
    return { message: `${scheme}:// is not a registry's scheme`, hint: "use https://, http:// or none" };
  if (text.includes("@"))
    return { message: "it holds an @", hint: "leave out user names and digests; log in with docker login" };
  if (namespace.includes(":") || /^[^[:]*:(?![0-9]+$)[^:]*$/.test(host)) return tagFault(text);
  if (!isHost(host)) return { message: `${JSON.stringify(host)} is not a host`, hint: example };
  if (namespace !== "" && !namespace.split("/").every(isPathComponent))
    return { message: `${JSON.stringify(namespace)} is not a repository path`, hint: pathHint };
  return undefined;
}

const example = "write a host or a host and a namespace: ghcr.io/org";
const pathHint = "parts are letters and digits, joined by one dot, one or two underscores, or hyphens";

function tagFault(text: string): Fault {
  return {
    message: "a tag cannot be part of it",
    hint: `imagespec makes the tag: write ${text.replace(/([^:/]\/[^/:]*):[^/]*|(?<=^[^/:]*):[^/]*$/g, "$1")}`,
  };
}

function invalidPrefix(text: string, { message, hint }: Fault): ImageSpecError {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@").slice(0, 120);
  return new ImageSpecError(
    "REGISTRY_PREFIX_INVALID",
    `${JSON.stringify(shown)} is not a registry prefix: ${message}`,
    { field: "registry", hint },
  );
}
