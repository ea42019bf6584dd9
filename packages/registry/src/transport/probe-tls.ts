import { connect, type Socket } from "node:net";
import { lookupWithin } from "./lookup.ts";

/** What listens at a port, by its answer to the first message of a TLS handshake. */
export type Listener = "tls" | "plain" | "unclear";

const HANDSHAKE = 0x16;
const ALERT = 0x15;

/**
 * A ClientHello of TLS 1.2 that offers one cipher suite and no extensions. A server of any version answers it, if only
 * by an alert. Its random part holds two line ends, for servers that read a line before they look at it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.2
 */
const clientHello: Buffer = Buffer.concat([
  Buffer.from([HANDSHAKE, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3]),
  Buffer.from("\r\n\r\n".padEnd(32, "imagespec"), "latin1"),
  Buffer.from([0, 0, 2, 0xc0, 0x2f, 1, 0]),
]);

/**
 * Tells TLS from plain text without loading what TLS needs, which would cost a command on a loopback registry more than
 * its question. Nothing but the hello is sent. `limit`: milliseconds.
 */
export function probeTls(url: URL, limit: number, signal: AbortSignal | undefined): Promise<Listener> {
  return new Promise((resolve) => {
    const socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || 443),
      lookup: lookupWithin(undefined),
    });
    const timer = setTimeout(() => end("unclear"), limit);
    const end = (listener: Listener): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(listener);
    };
    const onAbort = (): void => end("unclear");
    signal?.addEventListener("abort", onAbort, { once: true });
    listen(socket, end);
  });
}

function listen(socket: Socket, end: (listener: Listener) => void): void {
  let connected = false;
  socket.once("connect", () => {
    connected = true;
    socket.write(clientHello);
  });
  socket.once("data", (data) => end(data[0] === HANDSHAKE || data[0] === ALERT ? "tls" : "plain"));
  // What hangs up at a hello does not speak TLS; what cannot be reached says nothing.
  socket.once("close", () => end(connected ? "plain" : "unclear"));
  socket.on("error", () => undefined);
}
