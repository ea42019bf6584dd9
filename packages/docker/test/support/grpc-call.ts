import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";

export type GrpcAnswer = Readonly<{ status: number; message: string; body: Buffer }>;

export function frame(message: Uint8Array, flag = 0): Buffer {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Calls a unary method as BuildKit does; `body` is the framed request. */
export async function callGrpc(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array,
): Promise<GrpcAnswer> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  let metadata: IncomingHttpHeaders = {};
  stream.on("response", (headers) => {
    metadata = { ...metadata, ...headers };
  });
  stream.on("trailers", (headers) => {
    metadata = { ...metadata, ...headers };
  });
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    status: Number(metadata["grpc-status"]),
    message: decodeURIComponent(String(metadata["grpc-message"] ?? "")),
    body: Buffer.concat(chunks).subarray(5),
  };
}
