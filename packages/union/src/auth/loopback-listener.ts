import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopbackHost } from "@imagespec/core";
import { signInFailed } from "./sign-in-failed.ts";

export type LoopbackListener = Readonly<{
  /** The address to be redirected to. */
  redirectUri: string;
  /** The query of the first request for it that brings back the state. */
  answer: Promise<URLSearchParams>;
  close: () => void;
}>;

const PAGE = "<!doctype html><title>imagespec</title><p>You may close this page.";

/**
 * Listens where the browser is sent after a sign-in, on the loopback alone. Without a port in the address the system
 * picks one (RFC 8252, section 7.3). Requests without the state are somebody else's and change nothing.
 *
 * @throws ImageSpecError `UNION_SIGN_IN_FAILED`
 */
export async function listenOnLoopback(redirectUri: string, state: string): Promise<LoopbackListener> {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (url?.protocol !== "http:" || !isLoopbackHost(url.hostname)) {
    throw signInFailed("the server sends browsers to an address that is not on this machine");
  }
  const server = createServer();
  const answer = new Promise<URLSearchParams>((resolve) => {
    server.on("request", (request, response) => {
      const asked = URL.canParse(request.url ?? "", url.href) ? new URL(request.url ?? "", url) : undefined;
      const isIt = asked?.pathname === url.pathname && asked.searchParams.get("state") === state;
      response.writeHead(isIt ? 200 : 404, { "content-type": "text/html", connection: "close" });
      response.end(isIt ? PAGE : "");
      if (isIt) resolve(asked.searchParams);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(signInFailed(`nothing can listen for the browser: ${message}`)),
    );
    const host = url.hostname === "localhost" ? "127.0.0.1" : url.hostname.replace(/^\[|\]$/g, "");
    server.listen(Number(url.port), host, resolve);
  });
  url.port = String((server.address() as AddressInfo).port);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { redirectUri: url.href, answer, close };
}
