import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { type RequestOptions, type Agent as TlsAgent, request as tlsRequest } from "node:https";
import { buffer } from "node:stream/consumers";

export type Reply = Readonly<{
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The codes of an error in the registry's format. */
  codes: readonly string[];
}>;

export type Sending = Readonly<{
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string;
  /** Default: a connection of its own. */
  agent?: Agent | TlsAgent;
  tls?: RequestOptions;
  /** A body that ends too early is given as far as it came. */
  allowCut?: boolean;
}>;

/**
 * One request, its path sent as it is written.
 *
 * @param target `METHOD path`, or `METHOD URL` for what a Location header named
 * @throws what the connection fails with
 */
export async function send(url: string, target: string, sending: Sending = {}): Promise<Reply> {
  const [method = "", location = ""] = target.split(" ");
  const path = location.startsWith("http") ? location.slice(new URL(location).origin.length) : location;
  const { hostname, port, protocol } = new URL(url);
  const start = protocol === "https:" ? tlsRequest : request;
  const { agent = false, headers = {}, tls = {} } = sending;
  const length = sending.body === undefined ? {} : { "content-length": Buffer.byteLength(sending.body) };
  const options = { ...tls, host: hostname.replace(/[[\]]/g, ""), port, method, path, agent };
  return await new Promise((resolve, reject) => {
    const outgoing = start({ ...options, headers: { ...length, ...headers } }, (message) => {
      const received = sending.allowCut ? bufferOfCut(message) : buffer(message);
      received.then((body) => resolve(reply(message.statusCode ?? 0, message.headers, body)), reject);
    });
    outgoing.on("error", reject).end(sending.body);
  });
}

async function bufferOfCut(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  message.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
  await new Promise((resolve) => message.once("close", resolve));
  return Buffer.concat(chunks);
}

function reply(status: number, headers: IncomingHttpHeaders, body: Buffer): Reply {
  const text = body.toString();
  return {
    status,
    headers,
    body,
    text,
    codes: [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code = ""]) => code),
  };
}

export function basic(user: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}
