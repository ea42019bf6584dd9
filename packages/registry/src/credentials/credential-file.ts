import type { Credential } from "@imagespec/core";
import { normalizeHost } from "@imagespec/core";

/** One login of a file in docker's format. Everything in it came from outside and is checked before use. */
type FileEntry = Readonly<Record<string, unknown>>;

/** A file in docker's format: `config.json`, containers' `auth.json`, or the text of DOCKER_AUTH_CONFIG. */
export type CredentialFile = Readonly<{
  auths: Readonly<Record<string, FileEntry>>;
  credHelpers: Readonly<Record<string, string>>;
  credsStore: string | undefined;
}>;

/** The name under which Docker Hub's login is kept. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** Reads a file's text; undefined where it is not a JSON object. Unknown keys and odd entries are passed over. */
export function parseCredentialFile(text: string, legacy = false): CredentialFile | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const auths = legacy ? value : asObject(value.auths);
  const helpers = Object.entries(asObject(value.credHelpers) ?? {});
  return {
    auths: Object.fromEntries(Object.entries(auths ?? {}).flatMap(([key, entry]) => pairOf(key, entry))),
    credHelpers: Object.fromEntries(
      helpers.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    ),
    credsStore: asText(value.credsStore),
  };
}

function pairOf(key: string, value: unknown): [string, FileEntry][] {
  const entry = asObject(value);
  return entry === undefined ? [] : [[key, entry]];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The login for a repository, of the key that fits it best: path-scoped keys from the longest, the host, then any other
 * spelling of the host (`https://ghcr.io/v2/`).
 *
 * @see https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
 */
export function findLogin(file: CredentialFile, host: string, repository: string): FileEntry | undefined {
  const keys = Object.keys(file.auths);
  const exact = scopesOf(host, repository).find((scope) => keys.includes(scope));
  const key = exact ?? keys.find((candidate) => hostOfKey(candidate) === host);
  return key === undefined ? undefined : file.auths[key];
}

/** `ghcr.io/org/app`, `ghcr.io/org`, `ghcr.io`. */
function scopesOf(host: string, repository: string): string[] {
  const parts = repository.split("/");
  return parts.map((_, index) => [host, ...parts.slice(0, parts.length - index)].join("/")).concat(host);
}

/** The host that a key stands for; undefined for a key without a scheme that names a path: it is for that path. */
export function hostOfKey(key: string): string | undefined {
  const bare = key.replace(/^https?:\/\//i, "");
  const slash = bare.indexOf("/");
  const path = slash < 0 ? "" : bare.slice(slash);
  if (bare === key && !/^\/?(?:v[12]\/?)?$/.test(path)) return undefined;
  return normalizeHost(slash < 0 ? bare : bare.slice(0, slash));
}

/** The credential that an entry holds; undefined for `{}`, as docker leaves it beside a credentials store. */
export function credentialOf(entry: FileEntry, source: string): Credential | undefined {
  const identity = asText(entry.identitytoken);
  if (identity !== undefined) return { kind: "identityToken", token: identity, source };
  const token = asText(entry.registrytoken);
  if (token !== undefined) return { kind: "token", token, source };
  const [username, password] = loginOf(entry);
  return username === undefined || password === undefined
    ? undefined
    : { kind: "basic", username, password, source };
}

function loginOf(entry: FileEntry): readonly [string | undefined, string | undefined] {
  const auth = asText(entry.auth);
  if (auth === undefined) return [asText(entry.username), asText(entry.password)];
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) return [undefined, undefined];
  return [decoded.slice(0, colon), decoded.slice(colon + 1).replace(/^\0+|\0+$/g, "")];
}
