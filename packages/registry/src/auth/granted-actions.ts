import { asFields, parseFields } from "../manifest/parse-manifest.ts";

/**
 * The actions that a bearer token allows on a repository, where it is a JWT that says so; undefined for every other
 * token. Nothing is verified: the registry does that.
 *
 * @see https://distribution.github.io/distribution/spec/auth/jwt/
 */
export function grantedActions(
  authorization: string | undefined,
  repository: string,
): readonly string[] | undefined {
  const payload = /^Bearer [\w-]+\.(?<payload>[\w-]+)\.[\w-]*$/.exec(authorization ?? "")?.groups?.payload;
  const access = payload === undefined ? undefined : parseFields(Buffer.from(payload, "base64url"))?.access;
  if (!Array.isArray(access)) return undefined;
  if (access.length === 0) return [];
  const own = access.map(asFields).find((entry) => entry?.type === "repository" && entry.name === repository);
  const actions = own?.actions;
  return Array.isArray(actions) ? actions.filter((action) => typeof action === "string") : undefined;
}
