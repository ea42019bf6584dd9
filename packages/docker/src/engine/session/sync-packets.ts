import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ContextEntry } from "@imagespec/core";
import { GrpcFault, type GrpcMessage, GrpcStatus } from "./grpc-message.ts";

/** Packets of fsutil, in which BuildKit takes files. @see https://github.com/tonistiigi/fsutil/blob/master/receive.go */
const PacketType = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;

/** File types as Go's `os.FileMode` has them. @see https://pkg.go.dev/io/fs#FileMode */
const goType = { directory: 2 ** 31, symlink: 2 ** 27, file: 0 } as const;
const PERMISSIONS = 0o777;

/** What the other side may say. */
export type SyncPacket =
  | Readonly<{ type: "request"; id: number }>
  | Readonly<{ type: "end" }>
  | Readonly<{ type: "error"; message: string }>;

const { LengthDelimited, Varint } = WireType;
const DATA_FIELD = 4;

/** `time`: nanoseconds since the epoch. */
export function statPacket(entry: ContextEntry, time: bigint): Uint8Array {
  const writer = new BinaryWriter().tag(1, LengthDelimited).string(entry.path);
  writer.tag(2, Varint).uint32(modeOf(entry));
  writer.tag(5, Varint).int64(sizeOf(entry));
  writer.tag(6, Varint).int64(time);
  if (entry.type === "symlink") writer.tag(7, LengthDelimited).string(entry.target);
  return new BinaryWriter().tag(2, LengthDelimited).bytes(writer.finish()).finish();
}

function modeOf(entry: ContextEntry): number {
  const permissions = entry.type === "symlink" ? PERMISSIONS : entry.mode & PERMISSIONS;
  return goType[entry.type] + permissions;
}

/** As `lstat` has it, for a file that lies there is compared by its size. */
function sizeOf(entry: ContextEntry): number {
  switch (entry.type) {
    case "directory":
      return 0;
    case "symlink":
      return Buffer.byteLength(entry.target);
    case "file":
      return entry.size;
  }
}

/** Behind the last one. */
export const endOfStats: Uint8Array = new Uint8Array(0);

export const endPacket: Uint8Array = new BinaryWriter().tag(1, Varint).int32(PacketType.end).finish();

/** Bytes of the file with that place among the stats, behind what announces them; none at its end. */
export function dataPacket(id: number, bytes: Uint8Array): GrpcMessage {
  const writer = new BinaryWriter().tag(1, Varint).int32(PacketType.data).tag(3, Varint).uint32(id);
  if (bytes.length === 0) return [writer.finish()];
  return [writer.tag(DATA_FIELD, LengthDelimited).uint32(bytes.length).finish(), bytes];
}

export function errorPacket(message: string): Uint8Array {
  const writer = new BinaryWriter().tag(1, Varint).int32(PacketType.error);
  return writer.tag(DATA_FIELD, LengthDelimited).string(message).finish();
}

export function readPacket(message: Uint8Array): SyncPacket {
  const { type, id, data } = readFields(message);
  switch (type) {
    case PacketType.request:
      return { type: "request", id };
    case PacketType.end:
      return { type: "end" };
    case PacketType.error:
      return { type: "error", message: new TextDecoder().decode(data) };
    default:
      throw new GrpcFault(GrpcStatus.internal, `packet ${type} is not for a sender`);
  }
}

function readFields(message: Uint8Array): Readonly<{ type: number; id: number; data: Uint8Array }> {
  const reader = new BinaryReader(message);
  const found = { type: 0, id: 0, data: new Uint8Array(0) };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === Varint) found.type = reader.int32();
    else if (field === 3 && wireType === Varint) found.id = reader.uint32();
    else if (field === DATA_FIELD && wireType === LengthDelimited)
      found.data = Uint8Array.from(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}
