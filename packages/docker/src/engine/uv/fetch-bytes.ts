import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { rootCertificates } from "node:tls";

export type FetchOptions = Readonly<{
  maxBytes: number;
  signal: AbortSignal;
  headers?: Readonly<Record<string, string>> | undefined;
  /** `user:password`, for the host of the first URL alone. */
  login?: string | undefined;
  /** A PEM bundle that is trusted beside Node's own. */
  certificates?: Uint8Array | undefined;
}>;

export type Fetched = Readonly<{ url: URL; status: number; contentType: string; body: Buffer }>;

const MAX_REDIRECTS = 5;
const SILENCE_MS = 60_000;

/** GETs a URL. Redirects are followed, never from https to http; a login stays with its host. */
export async function fetchBytes(address: URL, options: FetchOptions): Promise<Fetched> {
  let url = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(url, url.host === address.host ? options : { ...options, login: undefined });
    const { location } = response.headers;
    const status = response.statusCode ?? 0;
    if (status < 300 || status >= 400 || location === undefined) {
      const contentType = response.headers["content-type"] ?? "";
      return { url, status, contentType, body: await readBody(response, options.maxBytes) };
    }
    response.destroy();
    url = redirected(url, location);
  }
  throw new Error(`${address.host} redirects without end`);
}

function redirected(from: URL, location: string): URL {
  const to = new URL(location, from);
  if (to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:")) return to;
  throw new Error(`${from.host} redirects to ${to.protocol}, which is not followed`);
}

function get(url: URL, { headers, login, certificates, signal }: FetchOptions): Promise<IncomingMessage> {
  const options: https.RequestOptions = {
    headers,
    signal,
    agent: false,
    timeout: SILENCE_MS,
    ...(login === undefined ? {} : { auth: login }),
    ...(certificates === undefined
      ? {}
      : { ca: [...rootCertificates, Buffer.from(certificates).toString()] }),
  };
  return new Promise((resolve, reject) => {
    const client = url.protocol === "https:" ? https : http;
    const request = client.get(url, options, resolve);
    request.once("timeout", () => request.destroy(new Error(`${url.host} does not answer`)));
    request.once("error", reject);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
