import { type ContextEntry, ReadPool } from "@imagespec/core";
import type { ContextKey } from "./context-key.ts";
import { GrpcFault, type GrpcMessage, GrpcStatus, lengthOf } from "./grpc-message.ts";
import type { GrpcCall } from "./serve-grpc.ts";
import { dataPacket, endOfStats, endPacket, errorPacket, readPacket, statPacket } from "./sync-packets.ts";
import { inSyncOrder, wantedEntries } from "./sync-tree.ts";

/** A build's files, for whichever of BuildKit's two readers asks. */
export type SyncedContext = Readonly<{
  entries(): AsyncIterable<ContextEntry>;
  timeOf: ContextKey["timeOf"];
  /** Told how many bytes of files were sent so far, now and then and at the end. */
  report(bytes: number, done: boolean): void;
  /** Told why the files cannot be read. */
  fail(error: unknown): void;
}>;

const FOLDERS: readonly string[] = ["context", "dockerfile"];
/** Asked for by itself, before the context. No context of ours has one: what it would leave out is not in it. */
const IGNORE_FILE = ".dockerignore";
/** An engine hashes and stores one message while the next comes, of which its window has room for 64 KiB. */
const MAX_DATA_BYTES = 64 * 1024;
/** Messages of less than this are sent together. */
const WRITE_BYTES = 64 * 1024;
const REPORT_BYTES = 8 * 1024 * 1024;

/**
 * Sends the part of a context that a call of `moby.filesync.v1.FileSync/DiffCopy` asks for.
 *
 * @throws GrpcFault where there is nothing of that name; what `entries` and their `open` throw
 * @see https://github.com/moby/buildkit/blob/master/session/filesync/filesync.proto
 */
export async function sendFiles(call: GrpcCall, context: SyncedContext | undefined): Promise<void> {
  const [folder = ""] = call.header("dir-name");
  if (context === undefined || !FOLDERS.includes(folder)) {
    throw new GrpcFault(GrpcStatus.notFound, `no access allowed to dir ${JSON.stringify(folder)}`);
  }
  const paths = [...pathsIn(call, "followpaths"), ...pathsIn(call, "include-patterns")];
  const isReported = folder === "context" && !paths.includes(IGNORE_FILE);
  const sender = new FileSender(call, isReported ? context : { ...context, report: () => {} });
  try {
    await sender.run(paths);
  } catch (error) {
    if (error instanceof GrpcFault) throw error;
    context.fail(error);
    await sender.refuse();
    throw error;
  }
}

/** Newer engines write what is not ASCII as in a query. */
function pathsIn(call: GrpcCall, name: string): readonly string[] {
  const values = call.header(name);
  if (call.header(`${name}-encoded`)[0] !== "1") return values;
  return values.map((value) => decodeURIComponent(value.replaceAll("+", " ")));
}

class FileSender {
  readonly #call: GrpcCall;
  readonly #context: SyncedContext;
  readonly #pool = new ReadPool();
  #waiting: GrpcMessage[] = [];
  /** Chunks of which no packet comes after those that wait. */
  #done: Uint8Array[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #reported = 0;

  constructor(call: GrpcCall, context: SyncedContext) {
    this.#call = call;
    this.#context = context;
  }

  async run(paths: readonly string[]): Promise<void> {
    const all: ContextEntry[] = [];
    for await (const entry of this.#context.entries()) all.push(entry);
    const entries = inSyncOrder(wantedEntries(all, paths));
    for (const entry of entries) await this.#send([statPacket(entry, await this.#context.timeOf(entry))]);
    await this.#send([endOfStats]);
    await this.#flush();
    await this.#answer(entries);
    await this.#send([endPacket]);
    await this.#flush();
    this.#context.report(this.#bytes, true);
  }

  /** The other side is to know that it has not got everything; why not is not for its log. */
  async refuse(): Promise<void> {
    this.#waiting = [];
    await this.#call.send([[errorPacket("the context cannot be read")]]);
  }

  async #answer(entries: readonly ContextEntry[]): Promise<void> {
    for await (const message of this.#call.messages) {
      const packet = readPacket(message);
      if (packet.type === "end") return;
      if (packet.type === "error") throw new GrpcFault(GrpcStatus.internal, packet.message);
      await this.#sendFile(packet.id, entries[packet.id]);
    }
    throw new GrpcFault(GrpcStatus.internal, "the receiver ended early");
  }

  async #sendFile(id: number, entry: ContextEntry | undefined): Promise<void> {
    if (entry?.type !== "file") throw new GrpcFault(GrpcStatus.internal, `no file ${id}`);
    for await (const chunk of entry.open(this.#pool)) {
      for (let at = 0; at < chunk.length; at += MAX_DATA_BYTES) {
        await this.#send(dataPacket(id, chunk.subarray(at, at + MAX_DATA_BYTES)));
      }
      this.#done.push(chunk);
      this.#count(chunk.length);
    }
    await this.#send(dataPacket(id, new Uint8Array(0)));
    await this.#flush();
  }

  #count(length: number): void {
    this.#bytes += length;
    if (this.#bytes - this.#reported < REPORT_BYTES) return;
    this.#reported = this.#bytes;
    this.#context.report(this.#bytes, false);
  }

  async #send(packet: GrpcMessage): Promise<void> {
    this.#waiting.push(packet);
    this.#waitingBytes += lengthOf(packet);
    if (this.#waitingBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const packets = this.#waiting;
    const chunks = this.#done;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#done = [];
    await this.#call.send(packets, () => {
      for (const chunk of chunks) this.#pool.giveBack(chunk);
    });
  }
}
