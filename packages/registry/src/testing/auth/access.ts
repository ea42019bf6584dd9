import type { Route } from "../http/route.ts";

/** What a token may do, in the form of the `access` claim of docker's tokens. */
export type Access = Readonly<{ type: string; name: string; actions: readonly string[] }>;

/** What a request needs; none for what any known client may ask. */
export function requiredAccess(method: string, route: Route, query: URLSearchParams): readonly Access[] {
  if (route.kind === "catalog") return [{ type: "registry", name: "catalog", actions: ["*"] }];
  if (!("name" in route)) return [];
  const own = { type: "repository", name: route.name, actions: requiredActions(method) };
  const source = route.kind === "uploads" ? query.get("from") : null;
  return source === null ? [own] : [own, { type: "repository", name: source, actions: ["pull"] }];
}

function requiredActions(method: string): readonly string[] {
  if (method === "GET" || method === "HEAD") return ["pull"];
  return method === "DELETE" ? ["delete"] : ["pull", "push"];
}

/** Reads `repository:org/app:pull,push registry:catalog:*`; what is malformed is left out, as token services do. */
export function parseScopes(scopes: readonly string[]): readonly Access[] {
  return scopes
    .flatMap((scope) => scope.split(" "))
    .map((scope) => /^(?<type>[a-z]+)(?:\([^)]*\))?:(?<name>.+):(?<actions>[^:]*)$/.exec(scope)?.groups)
    .filter((groups) => groups !== undefined)
    .map(({ type = "", name = "", actions = "" }) => ({ type, name, actions: expand(type, actions) }));
}

/** On a repository, `*` asks for everything. */
function expand(type: string, actions: string): readonly string[] {
  const named = actions.split(",").filter((action) => action !== "");
  return type === "repository" && named.includes("*") ? ["pull", "push", "delete"] : named;
}

export function formatScopes(access: readonly Access[]): string {
  return access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(",")}`).join(" ");
}

/** Whether everything in `needed` is among what was granted. */
export function covers(granted: readonly Access[], needed: readonly Access[]): boolean {
  return needed.every(({ type, name, actions }) => {
    const held = granted.filter((access) => access.type === type && access.name === name);
    return actions.every((action) => held.some((access) => access.actions.includes(action)));
  });
}
