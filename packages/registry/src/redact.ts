const MAX_EXCERPT = 300;

/** A URL as messages show it: without user, query and fragment, where tokens and signatures stand. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Text that a server sent, fit for a message: one line, short, without queries, tokens and control characters. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 4 * MAX_EXCERPT)
    .replace(/[\p{C}\s]+/gu, " ")
    .replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>]{1,512}@/gi, "$1…@")
    .replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s?"'<>]{1,512})\?[^\s"'<>]*/gi, "$1?…")
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 …")
    .replace(/\beyJ[\w-]{4,}(?:\.[\w-]*){0,2}/g, "…")
    .replace(/("?(?:token|access_token|refresh_token|password|secret)"?\s*[:=]\s*)"[^"]*"?/gi, '$1"…"')
    .trim();
  return line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT - 1)}…` : line;
}
