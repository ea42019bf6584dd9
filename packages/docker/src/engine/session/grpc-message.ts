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
/** In front of each message. */
export const HEADER_BYTES = 5;
const SHORT_BYTES = 16 * 1024;

/** A message in pieces, so that long ones are not copied. */
export type GrpcMessage = readonly Uint8Array[];

/** Where the first message ends; infinite while its header is not all there. */
export function endOfMessage(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return Number.POSITIVE_INFINITY;
  if (bytes[0] !== 0) throw new GrpcFault(GrpcStatus.unimplemented, "compressed messages are not supported");
  const length = bytes.readUInt32BE(1);
  if (length > MAX_REQUEST_BYTES) throw new GrpcFault(GrpcStatus.resourceExhausted, "request too large");
  return HEADER_BYTES + length;
}

/** Short ones are joined, for each piece is a frame of its own. */
export function piecesOf(messages: readonly GrpcMessage[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let short: Uint8Array[] = [];
  for (const piece of messages.flatMap((message) => [frameHeader(lengthOf(message)), ...message])) {
    short.push(piece);
    if (piece.length < SHORT_BYTES) continue;
    short.pop();
    pieces.push(Buffer.concat(short), piece);
    short = [];
  }
  return [...pieces, Buffer.concat(short)].filter(({ length }) => length > 0);
}

export function lengthOf(message: GrpcMessage): number {
  return message.reduce((sum, { length }) => sum + length, 0);
}

function frameHeader(length: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(length, 1);
  return header;
}
