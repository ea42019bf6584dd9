import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type PlainServer = Readonly<{
  host: string;
  url: string;
  /** `METHOD path` of every request, and the headers that tell who asked. */
  requests: readonly Readonly<{ line: string; authorization: string | undefined; body: string }>[];
}>;

export type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An HTTP server that does what a test says, where a registry would be too well-behaved. Ends with the test. */
export async function plainServer(answer: Answering): Promise<PlainServer> {
  const requests: { line: string; authorization: string | undefined; body: string }[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body,
    });
    answer(request, response, body);
  };
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, requests };
}
