import * as http2 from "node:http2";
import type { Duplex } from "node:stream";

/** What a method answers to one message. Throws {@link GrpcFault} to refuse. */
export type GrpcMethod = (request: Uint8Array) => Promise<Uint8Array> | Uint8Array;

export const GrpcStatus = { notFound: 5, resourceExhausted: 8, unimplemented: 12, internal: 13 } as const;

export class GrpcFault extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Requests of these services are a few hundred bytes; more is not BuildKit. */
const MAX_REQUEST_BYTES = 1 << 20;
const HEADER_BYTES = 5;
const contentType = { [http2.constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc" };

/**
 * Serves unary gRPC methods, by path, to whoever is at the other end of a connected socket (plain or TLS). Ends with
 * the socket or by `destroy()`.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function serveGrpc(
  socket: Duplex,
  methods: ReadonlyMap<string, GrpcMethod>,
): http2.ServerHttp2Session {
  const session = http2.performServerHandshake(socket);
  session.on("stream", (stream, headers) => void answer(stream, methods.get(String(headers[":path"]))));
  // A connection that breaks breaks the build as well, whose own answer says why.
  session.on("error", () => session.destroy());
  return session;
}

async function answer(stream: http2.ServerHttp2Stream, method: GrpcMethod | undefined): Promise<void> {
  // The other side may reset a stream at any time; nobody is left to answer then.
  stream.on("error", () => stream.destroy());
  try {
    if (method === undefined) throw new GrpcFault(GrpcStatus.unimplemented, "unknown method");
    reply(stream, await method(await readMessage(stream)));
  } catch (error) {
    refuse(stream, error);
  }
}

async function readMessage(stream: http2.ServerHttp2Stream): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw new GrpcFault(GrpcStatus.resourceExhausted, "request too large");
    chunks.push(chunk);
  }
  return unframe(Buffer.concat(chunks));
}

function unframe(body: Buffer): Uint8Array {
  if (body.length < HEADER_BYTES || body.length !== HEADER_BYTES + body.readUInt32BE(1)) {
    throw new GrpcFault(GrpcStatus.internal, "not one whole message");
  }
  if (body[0] !== 0) throw new GrpcFault(GrpcStatus.unimplemented, "compressed messages are not supported");
  return body.subarray(HEADER_BYTES);
}

function reply(stream: http2.ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  stream.respond(contentType, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([header, message]));
}

function refuse(stream: http2.ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed) return;
  const fault = error instanceof GrpcFault ? error : new GrpcFault(GrpcStatus.internal, "internal error");
  const trailers = {
    "grpc-status": String(fault.status),
    "grpc-message": encodeURIComponent(fault.message),
  };
  stream.respond({ ...contentType, ...trailers }, { endStream: true });
}
