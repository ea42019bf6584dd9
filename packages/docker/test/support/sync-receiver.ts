import type { ClientHttp2Session } from "node:http2";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { frame } from "./grpc-call.ts";

export type ReceivedFile = Readonly<{
  path: string;
  mode: number;
  size: number;
  time: bigint;
  target: string;
}>;

export type Received = Readonly<{
  files: readonly ReceivedFile[];
  /** What was asked for, by path. */
  contents: ReadonlyMap<string, Buffer>;
  /** The longest piece of a file's bytes. */
  longest: number;
  /** What the sender gave as the reason why it cannot go on. */
  error: string | undefined;
  status: number;
}>;

type Fields = ReadonlyMap<number, Uint8Array | bigint>;
type Asked = Readonly<{
  headers?: Readonly<Record<string, string | string[]>>;
  wants?: (path: string) => boolean;
}>;

/** Takes files as BuildKit does: reads what there is, asks for the files it wants, and says when it has them. */
export async function receiveFiles(
  session: ClientHttp2Session,
  { headers = {}, wants = () => true }: Asked = {},
): Promise<Received> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/moby.filesync.v1.FileSync/DiffCopy",
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let status = -1;
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (metadata) => {
      if (metadata["grpc-status"] !== undefined) status = Number(metadata["grpc-status"]);
    });
  }
  const send = (type: number, id: number): void => {
    stream.write(
      frame(
        new BinaryWriter().tag(1, WireType.Varint).int32(type).tag(3, WireType.Varint).uint32(id).finish(),
      ),
    );
  };
  const state = {
    files: [] as ReceivedFile[],
    contents: new Map<string, Buffer>(),
    longest: 0,
    error: undefined as string | undefined,
  };
  let open = 0;
  let hasAll = false;
  const endWhereDone = (): void => {
    if (!hasAll || open > 0) return;
    hasAll = false;
    send(3, 0);
  };
  for await (const message of messagesOf(stream as AsyncIterable<Buffer>)) {
    const packet = fieldsOf(message);
    const id = Number(packet.get(3) ?? 0n);
    const data = Buffer.from((packet.get(4) ?? new Uint8Array(0)) as Uint8Array);
    switch (Number(packet.get(1) ?? 0n)) {
      case 0: {
        const stat = packet.get(2) as Uint8Array | undefined;
        if (stat === undefined) hasAll = true;
        else {
          const file = fileOf(fieldsOf(stat));
          if (file.mode < 2 ** 27 && wants(file.path)) {
            open += 1;
            send(1, state.files.length);
          }
          state.files.push(file);
        }
        endWhereDone();
        break;
      }
      case 2: {
        const { path } = state.files[id]!;
        state.longest = Math.max(state.longest, data.length);
        state.contents.set(path, Buffer.concat([state.contents.get(path) ?? Buffer.alloc(0), data]));
        if (data.length === 0) open -= 1;
        endWhereDone();
        break;
      }
      case 3:
        stream.end();
        break;
      case 4:
        state.error = data.toString();
        stream.end();
    }
  }
  return { ...state, status };
}

function fileOf(stat: Fields): ReceivedFile {
  const text = (field: number): string =>
    Buffer.from((stat.get(field) ?? new Uint8Array(0)) as Uint8Array).toString();
  const number = (field: number): bigint => (stat.get(field) ?? 0n) as bigint;
  return {
    path: text(1),
    mode: Number(number(2)),
    size: Number(number(5)),
    time: number(6),
    target: text(7),
  };
}

function fieldsOf(message: Uint8Array): Fields {
  const reader = new BinaryReader(message);
  const fields = new Map<number, Uint8Array | bigint>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    fields.set(
      field,
      wireType === WireType.LengthDelimited ? Uint8Array.from(reader.bytes()) : BigInt(reader.uint64()),
    );
  }
  return fields;
}

async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      yield pending.subarray(5, end);
      pending = pending.subarray(end);
    }
  }
}
