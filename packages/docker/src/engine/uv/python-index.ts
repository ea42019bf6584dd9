import { type Fetched, type FetchOptions, fetchBytes } from "./fetch-bytes.ts";

const MAX_PAGE_BYTES = 64 * 1024 * 1024;
const ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";

/** An index of Python packages by the Simple API. The rest of the options is for its requests. */
export type PythonIndex = Readonly<{ url: URL }> & Omit<FetchOptions, "maxBytes" | "headers">;

/**
 * The address of a file of a project; undefined where the index does not have it.
 *
 * @throws Error where the index cannot be asked
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/
 */
export async function findProjectFile(
  index: PythonIndex,
  project: string,
  file: string,
): Promise<URL | undefined> {
  const page = new URL(index.url);
  page.pathname = `${page.pathname.replace(/\/+$/, "")}/${project}/`;
  const answer = await fetchBytes(page, { ...index, maxBytes: MAX_PAGE_BYTES, headers: { Accept: ACCEPT } });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`${page.host} answers ${answer.status}`);
  const address = linksOf(answer).find((link) => fileName(link) === file);
  return address === undefined ? undefined : new URL(address, answer.url);
}

function linksOf({ contentType, body }: Fetched): readonly string[] {
  const text = body.toString();
  if (/json/i.test(contentType)) return jsonLinks(JSON.parse(text));
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(([, double, single]) =>
    (double ?? single ?? "").replaceAll("&amp;", "&"),
  );
}

function jsonLinks(page: unknown): readonly string[] {
  const files = (page as { files?: unknown } | null)?.files;
  if (!Array.isArray(files)) return [];
  return files.map((file: { url?: unknown } | null) => file?.url).filter((url) => typeof url === "string");
}

function fileName(link: string): string {
  const path = link.replace(/[?#].*$/s, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /%[0-9a-f]{2}/i.test(name) ? decodeURIComponent(name) : name;
}
