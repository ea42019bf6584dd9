import { once } from "node:events";
import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import {
  endOfMessage,
  GrpcFault,
  type GrpcMessage,
  GrpcStatus,
  HEADER_BYTES,
  piecesOf,
} from "./grpc-message.ts";

/** What a method answers to one message. Throws {@link GrpcFault} to refuse. */
export type UnaryMethod = (request: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** One call of a method that takes and gives messages as it likes. */
export type GrpcCall = Readonly<{
  /** The values of a header, each as it was sent. */
  header(name: string): readonly string[];
  /** Ends when the caller sends no more; throws {@link GrpcFault} for what is no message. */
  messages: AsyncIterable<Uint8Array>;
  /** Sends messages together; resolves when there is room for more. `onSent`: their memory is looked at no more. */
  send(messages: readonly GrpcMessage[], onSent?: () => void): Promise<void>;
}>;

/** The call succeeds when it returns. Throws {@link GrpcFault} to refuse, or to fail. */
export type StreamMethod = (call: GrpcCall) => Promise<void>;

export type GrpcMethod = Readonly<{ unary: UnaryMethod } | { stream: StreamMethod }>;

/** What may wait for the other side. */
const WRITE_AHEAD_BYTES = 1024 * 1024;
const OK = "0";
const contentType = { [http2.constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc" };

type StreamHeaders = [headers: http2.IncomingHttpHeaders, flags: number, raw: readonly string[]];

/**
 * Serves gRPC methods, by path, to whoever is at the other end of a connected socket (plain or TLS). Ends with
 * the socket or by `destroy()`.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function serveGrpc(
  socket: Duplex,
  methods: ReadonlyMap<string, GrpcMethod>,
): http2.ServerHttp2Session {
  const session = http2.performServerHandshake(socket);
  session.on("stream", (stream: http2.ServerHttp2Stream, ...[headers, , raw]: StreamHeaders) => {
    void answer(stream, methods.get(String(headers[":path"])), raw);
  });
  // A connection that breaks breaks the build as well, whose own answer says why.
  session.on("error", () => session.destroy());
  return session;
}

async function answer(
  stream: http2.ServerHttp2Stream,
  method: GrpcMethod | undefined,
  rawHeaders: readonly string[],
): Promise<void> {
  // The other side may reset a stream at any time; nobody is left to answer then.
  stream.on("error", () => stream.destroy());
  try {
    if (method === undefined) throw new GrpcFault(GrpcStatus.unimplemented, "unknown method");
    if ("unary" in method) await answerOnce(stream, method.unary);
    else await method.stream(openCall(stream, rawHeaders));
    succeed(stream);
  } catch (error) {
    refuse(stream, error);
  }
}

async function answerOnce(stream: http2.ServerHttp2Stream, method: UnaryMethod): Promise<void> {
  let request: Uint8Array | undefined;
  for await (const message of readMessages(stream)) {
    if (request !== undefined) throw new GrpcFault(GrpcStatus.internal, "more than one message");
    request = message;
  }
  if (request === undefined) throw new GrpcFault(GrpcStatus.internal, "no message");
  await send(stream, [[await method(request)]]);
}

function openCall(stream: http2.ServerHttp2Stream, rawHeaders: readonly string[]): GrpcCall {
  const isNamed = (name: string, index: number): boolean => index % 2 === 1 && rawHeaders[index - 1] === name;
  return {
    header: (name) => rawHeaders.filter((_, index) => isNamed(name, index)),
    messages: readMessages(stream),
    send: (messages, onSent) => send(stream, messages, onSent),
  };
}

/** A stream that the caller has reset, or whose connection is gone. */
function isGone(stream: http2.ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

function callerGone(): never {
  throw new GrpcFault(GrpcStatus.internal, "the caller is gone");
}

async function* chunksOf(stream: http2.ServerHttp2Stream): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    callerGone();
  }
}

async function* readMessages(stream: http2.ServerHttp2Stream): AsyncGenerator<Uint8Array> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(stream)) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (let end = endOfMessage(pending); end <= pending.length; end = endOfMessage(pending)) {
      yield pending.subarray(HEADER_BYTES, end);
      pending = pending.subarray(end);
    }
  }
  if (pending.length > 0) throw new GrpcFault(GrpcStatus.internal, "half a message");
}

async function send(
  stream: http2.ServerHttp2Stream,
  messages: readonly GrpcMessage[],
  onSent?: () => void,
): Promise<void> {
  if (isGone(stream)) callerGone();
  respond(stream);
  stream.cork();
  const pieces = piecesOf(messages);
  const onWritten = (error?: Error | null): void => (error ? undefined : onSent?.());
  for (const piece of pieces) stream.write(piece, piece === pieces.at(-1) ? onWritten : undefined);
  stream.uncork();
  if (stream.writableLength < WRITE_AHEAD_BYTES) return;
  const ended = new AbortController();
  const events = ["drain", "close"].map((name) => once(stream, name, { signal: ended.signal }));
  await Promise.race(events).catch(callerGone);
  ended.abort();
}

function respond(stream: http2.ServerHttp2Stream): void {
  if (stream.headersSent) return;
  stream.respond(contentType, { waitForTrailers: true });
}

function succeed(stream: http2.ServerHttp2Stream): void {
  if (!isGone(stream)) endWith(stream, { "grpc-status": OK });
}

/** What was sent already counts; the status follows it. */
function endWith(stream: http2.ServerHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  respond(stream);
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end();
}

function refuse(stream: http2.ServerHttp2Stream, error: unknown): void {
  if (isGone(stream)) return;
  const fault = error instanceof GrpcFault ? error : new GrpcFault(GrpcStatus.internal, "internal error");
  const trailers = {
    "grpc-status": String(fault.status),
    "grpc-message": encodeURIComponent(fault.message),
  };
  if (stream.headersSent) endWith(stream, trailers);
  else stream.respond({ ...contentType, ...trailers }, { endStream: true });
}
