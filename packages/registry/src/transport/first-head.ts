import { connect, type Socket } from "node:net";
import type { RegistryLimits } from "../limits.ts";
import { lookupWithin } from "./lookup.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { Channel, HttpRequest, HttpResponse } from "./transport.ts";
import { CONNECTING, transportFault, WAITING } from "./transport-fault.ts";

/** What a HEAD came to, and its connection where that can be used again. */
export type Answered = Readonly<{ response: HttpResponse; socket: Socket | undefined }>;

/** Bytes; a longer head is left to Node, which has a limit of its own. */
const MAX_HEAD = 16_384;
const sendable = /^[\t\x20-\x7e]*$/;
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;
const empty = new Uint8Array();

/** Whether a request is one that `firstHead` can send. */
export function isPlainHead({ method, url, headers, body }: HttpRequest): boolean {
  const fits = method === "HEAD" && url.protocol === "http:" && body === undefined;
  return fits && Object.values(headers).every((value) => sendable.test(value));
}

/**
 * Sends a HEAD over plain http on a bare socket. Node's HTTP client takes longer to load than all the rest of a command
 * that asks a loopback registry one question.
 *
 * @returns undefined for anything but a plain answer, whatever it was: a HEAD may be sent again, by Node's client,
 *   which knows all of HTTP and names every fault
 * @throws RegistryFault `timeout`; the signal's reason once aborted
 */
export function firstHead(
  request: HttpRequest,
  channel: Channel,
  limits: RegistryLimits,
): Promise<Answered | undefined> {
  const { url, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = open(url, channel);
    const clock = new PhaseClock(limits.total, (phase) => {
      const cause = Object.assign(new Error(phase), { code: "ETIMEDOUT" });
      give(() => reject(transportFault(cause, { url, proxy: undefined, phase })));
    });
    const onAbort = (): void => give(() => reject(signal?.reason));
    const give = (settle: () => void, kept?: Socket): void => {
      clock.stop();
      signal?.removeEventListener("abort", onAbort);
      if (kept === undefined) socket.destroy();
      settle();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    clock.enter(CONNECTING, limits.connect);
    socket.once("connect", () => {
      clock.enter(WAITING, limits.headers);
      socket.write(headOf(request));
    });
    readHead(socket, (head) => {
      const answered = head === undefined ? undefined : parseHead(head, socket);
      give(() => resolve(answered), answered?.socket);
    });
  });
}

function open({ hostname, port }: URL, { reach }: Channel): Socket {
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return connect({ host, port: Number(port || 80), lookup: lookupWithin(reach), noDelay: true });
}

function headOf({ url, headers }: HttpRequest): string {
  const fields = Object.entries({ ...headers, host: url.host, connection: "keep-alive" });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HEAD ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Gives everything that came once a head has ended, and nothing where none does. */
function readHead(socket: Socket, done: (head: string | undefined) => void): void {
  let text = "";
  const finish = (head?: string): void => {
    socket.off("data", onData).off("close", finish);
    done(head);
  };
  const onData = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    if (text.includes("\r\n\r\n")) finish(text);
    else if (text.length > MAX_HEAD) finish();
  };
  // What went wrong is told by whoever asks again; every error closes the socket.
  socket
    .on("error", () => undefined)
    .on("data", onData)
    .once("close", () => finish());
}

/** Status line and fields (RFC 9112, sections 4 and 5) of an answer that ends with its head, as one to HEAD does. */
function parseHead(head: string, socket: Socket): Answered | undefined {
  const [first = "", ...lines] = head.slice(0, -4).split("\r\n");
  const [, status] = /^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(first) ?? [];
  const fields = lines.map((line) => fieldLine.exec(line));
  if (status === undefined || !head.endsWith("\r\n\r\n") || fields.includes(null)) return undefined;
  const header = (name: string): string[] =>
    fields.flatMap((field) => (field?.[1]?.toLowerCase() === name ? [(field[2] ?? "").trim()] : []));
  const response = { status: Number(status), header, body: empty, truncated: false };
  const closes = header("connection").some((value) => /close/i.test(value));
  return { response, socket: closes ? undefined : socket };
}
