import { type HeaderValues, withoutHeader } from "./answer.ts";
import { ProtocolError } from "./protocol-error.ts";
import type { RegistryRequest } from "./registry-request.ts";

/** One page of a list, and the Link header to the next where there is one. */
export type Page = Readonly<{ items: readonly string[]; headers: HeaderValues }>;

/**
 * The page that `n` and `last` ask for. `last` need not be in the list.
 *
 * @param sorted in the order of their code units, as `Array.prototype.sort` gives it
 * @param limit the most items of a page, whatever `n` says
 * @throws ProtocolError UNSUPPORTED (400) when `n` is no whole number
 */
export function paginate(request: RegistryRequest, sorted: readonly string[], limit: number): Page {
  const count = Math.min(requestedCount(request.query.get("n")), limit);
  const last = request.query.get("last") ?? "";
  const rest = sorted.filter((item) => item > last);
  const items = rest.slice(0, count);
  const end = items.at(-1);
  const link = { Link: nextLink(request, end ?? "", count) };
  return {
    items,
    headers: end !== undefined && items.length < rest.length ? link : withoutHeader(link, "Link"),
  };
}

function requestedCount(text: string | null): number {
  if (text === null) return Number.POSITIVE_INFINITY;
  if (/^[0-9]+$/.test(text)) return Number(text);
  throw new ProtocolError("UNSUPPORTED", {
    status: 400,
    message: "n must be a whole number",
    detail: { n: text },
  });
}

function nextLink({ path, query }: RegistryRequest, last: string, count: number): string {
  const next = new URLSearchParams(query);
  next.set("last", last);
  next.set("n", String(count));
  next.sort();
  return `<${path}?${next}>; rel="next"`;
}
