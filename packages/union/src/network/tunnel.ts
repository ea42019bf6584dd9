import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import type { HttpProxy } from "./proxy.ts";

const CONNECT_TIMEOUT = 30_000;

/** `host:port`, an IPv6 address in brackets. */
function targetOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}

function keptOut({ host }: URL, target: string, status: number): ImageSpecError {
  return new ImageSpecError("UNION_PROXY_REFUSED", `the proxy ${host} answers ${status} for ${target}`, {
    hint: "its login is part of HTTPS_PROXY (http://user:password@host:port); NO_PROXY names hosts that go without it",
  });
}

/** A connection to the URL's host by the proxy's CONNECT (RFC 9110, section 9.3.6). */
export function openTunnel(url: URL, { url: proxy, authorization }: HttpProxy): Promise<Socket> {
  const target = targetOf(url);
  const request = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asking = request(proxy.origin, {
      method: "CONNECT",
      path: target,
      agent: false,
      timeout: CONNECT_TIMEOUT,
      headers: { host: target, ...(authorization !== undefined && { "proxy-authorization": authorization }) },
    });
    const fail = (reason: string): void =>
      reject(Object.assign(new Error(`the proxy ${proxy.host} ${reason}`), { code: "ECONNREFUSED" }));
    asking.on("connect", ({ statusCode }, socket: Socket, head: Buffer) => {
      // A server that speaks first may have done so together with the proxy's answer.
      if (head.length > 0) socket.unshift(head);
      if (statusCode === 200) return resolve(socket.setTimeout(0));
      socket.destroy();
      if (statusCode === 403 || statusCode === 407) return reject(keptOut(proxy, target, statusCode));
      fail(`answers ${statusCode} for ${target}`);
    });
    asking.on("timeout", () => asking.destroy(new Error("it does not answer")));
    asking.on("error", ({ message }) => fail(`cannot be used: ${message}`));
    asking.end();
  });
}

/** A stream that stands for a connection which is still being made. */
export class PendingConnection extends Duplex {
  readonly #ready: Promise<Socket | undefined>;
  #socket: Socket | undefined;
  #isReferenced = true;

  constructor(connection: Promise<Socket>) {
    super();
    this.#ready = connection.then(
      (socket) => this.#attach(socket),
      (error: Error) => void this.destroy(error),
    );
  }

  override _read(): void {
    void this.#ready.then((socket) => socket?.resume());
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.#ready.then((socket) => (socket ? socket.write(chunk, done) : done()));
  }

  override _final(done: () => void): void {
    void this.#ready.then((socket) => (socket ? socket.end(done) : done()));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#ready.then((socket) => socket?.destroy());
    done(error);
  }

  /** As of a socket: whether the process waits for it. */
  ref(): this {
    this.#isReferenced = true;
    this.#socket?.ref();
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    this.#socket?.unref();
    return this;
  }

  #attach(socket: Socket): Socket {
    this.#socket = socket;
    if (!this.#isReferenced) socket.unref();
    socket.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    return socket;
  }
}
