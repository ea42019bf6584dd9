import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export type TraceParts = Readonly<{
  vertices?: readonly Readonly<{
    digest: string;
    name?: string;
    cached?: boolean;
    started?: number;
    completed?: number;
    error?: string;
  }>[];
  statuses?: readonly Readonly<{ id: string; vertex: string; current: number; total?: number }>[];
  logs?: readonly Readonly<{ vertex: string; message: string | Uint8Array; stream?: 1 | 2 }>[];
  warnings?: readonly string[];
}>;

type Value = string | Uint8Array | number | boolean | undefined;

/** A `moby.buildkit.trace` message, as engines send it. */
export function traceMessage(parts: TraceParts): object {
  return { id: "moby.buildkit.trace", aux: Buffer.from(encodeTrace(parts)).toString("base64") };
}

export function encodeTrace({
  vertices = [],
  statuses = [],
  logs = [],
  warnings = [],
}: TraceParts): Uint8Array {
  const writer = new BinaryWriter();
  for (const vertex of vertices) {
    const { digest, name = "", cached, started, completed, error } = vertex;
    write(
      writer,
      1,
      message({ 1: digest, 3: name, 4: cached, 5: time(started), 6: time(completed), 7: error }),
    );
  }
  for (const { id, vertex, current, total } of statuses) {
    write(writer, 2, message({ 1: id, 2: vertex, 4: current, 5: total, 6: time(1) }));
  }
  for (const { vertex, message: text, stream = 1 } of logs) {
    write(writer, 3, message({ 1: vertex, 2: time(1), 3: stream, 4: text }));
  }
  for (const warning of warnings) write(writer, 4, message({ 1: "sha256:0", 2: 1, 3: warning, 5: "" }));
  return writer.finish();
}

function message(fields: Readonly<Record<number, Value>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of Object.entries(fields)) write(writer, Number(field), value);
  return writer.finish();
}

function write(writer: BinaryWriter, field: number, value: Value): void {
  if (value === undefined) return;
  if (typeof value === "number") writer.tag(field, WireType.Varint).int64(value);
  else if (typeof value === "boolean") writer.tag(field, WireType.Varint).bool(value);
  else writer.tag(field, WireType.LengthDelimited).bytes(Buffer.from(value as string));
}

function time(milliseconds: number | undefined): Uint8Array | undefined {
  if (milliseconds === undefined) return undefined;
  return message({ 1: Math.floor(milliseconds / 1000), 2: (milliseconds % 1000) * 1e6 });
}
