import { ImageSpecError } from "@imagespec/core";
import { getProxyForUrl } from "proxy-from-env";

/** An HTTP proxy. `authorization` is what the proxy itself is told, from the login in its URL. */
export type HttpProxy = Readonly<{ url: URL; authorization: string | undefined }>;

/**
 * The proxy for a URL by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either case.
 *
 * @throws ImageSpecError `UNION_PROXY_INVALID`, which shows nothing of a login
 */
export function proxyFor(url: string): HttpProxy | undefined {
  const text = getProxyForUrl(url);
  if (text === "") return undefined;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (!proxy || !/^https?:$/.test(proxy.protocol)) {
    throw new ImageSpecError("UNION_PROXY_INVALID", "the proxy of this machine is no HTTP proxy", {
      hint: "HTTPS_PROXY looks like http://proxy.example.com:3128; hosts in NO_PROXY are reached without it",
    });
  }
  const { username, password } = proxy;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === "" ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
  return { url: proxy, authorization };
}
