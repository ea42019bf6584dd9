import { isDigest, isPathComponent, isTag, MAX_REPOSITORY_LENGTH } from "@imagespec/core";

/** What a path names. `unknown` has no place in the API, `invalid-name` has one for a repository that cannot be. */
export type Route =
  | Readonly<{ kind: "base" | "catalog" | "token" | "unknown" }>
  | Readonly<{ kind: "invalid-name" | "tags" | "uploads"; name: string }>
  | Readonly<{ kind: "upload"; name: string; id: string }>
  | Readonly<{ kind: "blob" | "manifest" | "referrers"; name: string; reference: string }>;

const fixedPaths: Readonly<Record<string, Route>> = {
  "/token": { kind: "token" },
  "/v2": { kind: "base" },
  "/v2/": { kind: "base" },
  "/v2/_catalog": { kind: "catalog" },
};

/** Finds the endpoint of a percent-encoded path without a query. Never throws, whatever the path. */
export function parseRoute(path: string): Route {
  if (Object.hasOwn(fixedPaths, path)) return fixedPaths[path] ?? { kind: "unknown" };
  const segments = path.startsWith("/v2/") ? decodeSegments(path.slice("/v2/".length)) : undefined;
  const route = segments === undefined ? undefined : repositoryRoute(segments);
  if (route === undefined) return { kind: "unknown" };
  return isRepositoryName(route.name) ? route : { kind: "invalid-name", name: route.name };
}

/** A repository's name by the grammar of the OCI distribution specification, at most 255 characters long. */
export function isRepositoryName(name: string): boolean {
  return name.length <= MAX_REPOSITORY_LENGTH && name.split("/").every(isPathComponent);
}

/** What follows a manifest's path: a tag or a digest; anything else names nothing. */
export function isManifestReference(reference: string): boolean {
  return isTag(reference) || isDigest(reference);
}

function decodeSegments(path: string): readonly string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

type NamedRoute = Extract<Route, { name: string }>;

/** Read from the end, because a repository may itself be called `blobs/uploads`. */
function repositoryRoute(segments: readonly string[]): NamedRoute | undefined {
  return uploadRoute(segments) ?? contentRoute(segments);
}

function uploadRoute(segments: readonly string[]): NamedRoute | undefined {
  const withoutSlash = segments.at(-2) === "blobs" && segments.at(-1) === "uploads";
  if (withoutSlash) return { kind: "uploads", name: nameBefore(segments, 2) };
  if (segments.at(-3) !== "blobs" || segments.at(-2) !== "uploads") return undefined;
  const [name, id] = [nameBefore(segments, 3), segments.at(-1) ?? ""];
  return id === "" ? { kind: "uploads", name } : { kind: "upload", name, id };
}

const contentKinds: Readonly<Record<string, "blob" | "manifest" | "referrers">> = {
  blobs: "blob",
  manifests: "manifest",
  referrers: "referrers",
};

function contentRoute(segments: readonly string[]): NamedRoute | undefined {
  const [collection = "", reference = ""] = segments.slice(-2);
  const name = nameBefore(segments, 2);
  if (collection === "tags" && reference === "list") return { kind: "tags", name };
  const kind = Object.hasOwn(contentKinds, collection) ? contentKinds[collection] : undefined;
  return kind === undefined || reference === "" ? undefined : { kind, name, reference };
}

function nameBefore(segments: readonly string[], count: number): string {
  return segments.slice(0, -count).join("/");
}
