import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Times are milliseconds since the epoch. */
export type Vertex = Readonly<{
  digest: string;
  name: string;
  cached: boolean;
  started?: number | undefined;
  completed?: number | undefined;
  error: string;
}>;
export type VertexStatus = Readonly<{ vertex: string; id: string; current: number; total: number }>;
/** `stream`: 1 is standard output, 2 standard error. `message` is any part of the output, not a line. */
export type VertexLog = Readonly<{ vertex: string; stream: number; message: Uint8Array }>;
export type BuildTrace = Readonly<{
  vertices: readonly Vertex[];
  statuses: readonly VertexStatus[];
  logs: readonly VertexLog[];
  warnings: readonly string[];
}>;

/** The values of a protobuf message by field number: bytes of what has a length, numbers of varints. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

/**
 * Reads one `moby.buildkit.v1.StatusResponse`.
 *
 * @see https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
 */
export function decodeTrace(bytes: Uint8Array): BuildTrace {
  const fields = readFields(bytes);
  return {
    vertices: messages(fields, 1).map(vertexOf),
    statuses: messages(fields, 2).map(statusOf),
    logs: messages(fields, 3).map(logOf),
    warnings: messages(fields, 4).map((warning) => text(warning, 3)),
  };
}

function vertexOf(fields: Fields): Vertex {
  return {
    digest: text(fields, 1),
    name: text(fields, 3),
    cached: number(fields, 4) === 1,
    started: time(fields, 5),
    completed: time(fields, 6),
    error: text(fields, 7),
  };
}

function statusOf(fields: Fields): VertexStatus {
  return {
    id: text(fields, 1),
    vertex: text(fields, 2),
    current: number(fields, 4),
    total: number(fields, 5),
  };
}

function logOf(fields: Fields): VertexLog {
  return { vertex: text(fields, 1), stream: number(fields, 3), message: bytesOf(fields, 4) };
}

function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | number)[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const value = readValue(reader, field, wireType);
    if (value !== undefined) fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

function readValue(reader: BinaryReader, field: number, wireType: WireType): Uint8Array | number | undefined {
  if (wireType === WireType.LengthDelimited) return reader.bytes();
  if (wireType === WireType.Varint) return Number(reader.int64());
  reader.skip(wireType, field);
  return undefined;
}

function messages(fields: Fields, field: number): readonly Fields[] {
  return (fields.get(field) ?? []).filter((value) => typeof value !== "number").map(readFields);
}

function bytesOf(fields: Fields, field: number): Uint8Array {
  const value = fields.get(field)?.at(-1);
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function text(fields: Fields, field: number): string {
  return new TextDecoder().decode(bytesOf(fields, field));
}

function number(fields: Fields, field: number): number {
  const value = fields.get(field)?.at(-1);
  return typeof value === "number" ? value : 0;
}

function time(fields: Fields, field: number): number | undefined {
  if (!fields.has(field)) return undefined;
  const timestamp = readFields(bytesOf(fields, field));
  return number(timestamp, 1) * 1000 + Math.floor(number(timestamp, 2) / 1e6);
}
