import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type SyncedContext, sendFiles } from "./file-sync.ts";
import { GrpcFault, GrpcStatus } from "./grpc-message.ts";
import type { GrpcMethod, UnaryMethod } from "./serve-grpc.ts";

/** A user name with a password, or an identity token with no user name. */
export type RegistryLogin = Readonly<{ username: string; secret: string }>;

/** What a session may be asked for. */
export type SessionSources = Readonly<{
  /** The secret's bytes; undefined where the build has no such secret. */
  secret(id: string): Uint8Array | undefined;
  /** The login for exactly that host, as BuildKit names it; undefined: anonymous. */
  login(host: string): Promise<RegistryLogin | undefined>;
  /** What is built from right now; undefined: nothing. */
  context(): SyncedContext | undefined;
}>;

const SERVING = 1;
const { LengthDelimited, Varint } = WireType;

/**
 * The services of a BuildKit client. Engines close a session whose health they cannot ask; of the auth service they do
 * without the token methods.
 *
 * @see https://github.com/moby/buildkit/tree/master/session
 */
export function sessionMethods(sources: SessionSources): ReadonlyMap<string, GrpcMethod> {
  const unary = (method: UnaryMethod): GrpcMethod => ({ unary: method });
  return new Map<string, GrpcMethod>([
    ["/grpc.health.v1.Health/Check", unary(() => new BinaryWriter().tag(1, Varint).int32(SERVING).finish())],
    [
      "/moby.buildkit.secrets.v1.Secrets/GetSecret",
      unary((request) => secretMessage(sources, firstString(request))),
    ],
    ["/moby.filesync.v1.Auth/Credentials", unary((request) => loginMessage(sources, firstString(request)))],
    ["/moby.filesync.v1.FileSync/DiffCopy", { stream: (call) => sendFiles(call, sources.context()) }],
  ]);
}

function secretMessage(sources: SessionSources, id: string): Uint8Array {
  const bytes = sources.secret(id);
  if (bytes === undefined) throw new GrpcFault(GrpcStatus.notFound, `secret ${id} not found`);
  return new BinaryWriter().tag(1, LengthDelimited).bytes(bytes).finish();
}

async function loginMessage(sources: SessionSources, host: string): Promise<Uint8Array> {
  const login = await sources.login(host);
  const writer = new BinaryWriter();
  if (login === undefined) return writer.finish();
  writer.tag(1, LengthDelimited).string(login.username);
  return writer.tag(2, LengthDelimited).string(login.secret).finish();
}

/** Field 1 of each request is the text that it is about; later fields are of newer engines. */
function firstString(message: Uint8Array): string {
  const reader = new BinaryReader(message);
  let text = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === LengthDelimited) text = reader.string();
    else reader.skip(wireType, field);
  }
  return text;
}
