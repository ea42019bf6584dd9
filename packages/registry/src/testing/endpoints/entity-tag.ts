import type { RegistryRequest } from "../http/registry-request.ts";

/** Whether If-None-Match names this content, whose entity tag is its digest in quotes. */
export function isUnchanged({ headers }: RegistryRequest, digest: string): boolean {
  const tags = headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags?.some((tag) => tag === "*" || tag === `"${digest}"`) ?? false;
}
