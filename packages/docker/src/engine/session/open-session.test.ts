import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeEngine, startFakeEngine } from "../../../test/support/fake-engine.ts";
import { callGrpc, frame } from "../../../test/support/grpc-call.ts";
import { openSession, type Session } from "./open-session.ts";
import type { SessionSources } from "./session-methods.ts";

const signal = new AbortController().signal;
const nothing: SessionSources = {
  secret: () => undefined,
  login: async () => undefined,
  context: () => undefined,
};
const secretPath = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const loginPath = "/moby.filesync.v1.Auth/Credentials";
let fake: FakeEngine;
let session: Session | undefined;

beforeEach(async () => {
  fake = await startFakeEngine();
});

afterEach(async () => {
  session?.close();
  await fake.stop();
});

async function open(sources: Partial<SessionSources>) {
  session = await openSession(fake.engine, { ...nothing, ...sources }, { signal });
  return fake.sessions[0]!;
}

/** A protobuf message whose field 1 is a text. */
function textMessage(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, Buffer.byteLength(text)]), Buffer.from(text)]);
}

test("says that it is healthy, whatever service is asked about", async () => {
  const answer = await callGrpc(await open({}), "/grpc.health.v1.Health/Check", frame(textMessage("x")));
  expect(answer).toEqual({ status: 0, message: "", body: Buffer.from([0x08, 0x01]) });
});

test("gives a secret by its id", async () => {
  const bytes = Buffer.from([0, 255, 10, 13]);
  const client = await open({ secret: (id) => (id === "token" ? bytes : undefined) });
  const answer = await callGrpc(client, secretPath, frame(textMessage("token")));
  expect(answer.status).toBe(0);
  expect(answer.body.subarray(2)).toEqual(bytes);
});

test("an unknown secret is not found, which engines ask for on every build", async () => {
  const answer = await callGrpc(await open({}), secretPath, frame(textMessage("HTTP_AUTH_HEADER_x")));
  expect(answer).toMatchObject({ status: 5, message: "secret HTTP_AUTH_HEADER_x not found" });
});

test("gives the login of the host that is asked for", async () => {
  const asked: string[] = [];
  const client = await open({
    login: async (host) => {
      asked.push(host);
      return { username: "alice", secret: "p?>~+/w" };
    },
  });
  const answer = await callGrpc(client, loginPath, frame(textMessage("ghcr.io")));
  expect(asked).toEqual(["ghcr.io"]);
  expect(answer.body.toString("latin1")).toBe("\x0a\x05alice\x12\x07p?>~+/w");
});

test("no login is an empty answer, for that is anonymous", async () => {
  expect(await callGrpc(await open({}), loginPath, frame(textMessage("ghcr.io")))).toMatchObject({
    status: 0,
    body: Buffer.alloc(0),
  });
});

test("a login that cannot be found out is an error that says nothing of why", async () => {
  const client = await open({ login: () => Promise.reject(new Error("the password is hunter2")) });
  const answer = await callGrpc(client, loginPath, frame(textMessage("ghcr.io")));
  expect(answer).toMatchObject({ status: 13, message: "internal error" });
});

test("services that it does not have are unimplemented", async () => {
  const answer = await callGrpc(await open({}), "/moby.filesync.v1.Auth/FetchToken", frame(Buffer.alloc(0)));
  expect(answer.status).toBe(12);
});

test.each([
  ["a compressed message", frame(textMessage("x"), 1), 12],
  ["half a message", frame(textMessage("xyz")).subarray(0, 7), 13],
  ["nothing", Buffer.alloc(0), 13],
  ["an endless message", frame(Buffer.alloc(2 << 20)), 8],
  ["what is no protobuf", frame(Buffer.from([0xff, 0xff, 0xff])), 13],
])("refuses %s", async (_, body, status) => {
  expect((await callGrpc(await open({}), secretPath, body)).status).toBe(status);
});

test("answers many questions at once on one connection", async () => {
  const client = await open({ secret: (id) => Buffer.from(id) });
  const ids = Array.from({ length: 50 }, (_, index) => `id-${index}`);
  const answers = await Promise.all(ids.map((id) => callGrpc(client, secretPath, frame(textMessage(id)))));
  expect(answers.map(({ body }) => body.subarray(2).toString())).toEqual(ids);
});

test("closing it closes the engine's end", async () => {
  const client = await open({});
  const closed = once(client, "close");
  session?.close();
  await closed;
  expect(client.destroyed).toBe(true);
});

test("an engine without sessions has no BuildKit", async () => {
  await fake.stop();
  fake = await startFakeEngine(
    { "POST /session": (_, response) => response.writeHead(404).end("{}") },
    false,
  );
  await expect(open({})).rejects.toMatchObject({ code: "ENGINE_NO_BUILDKIT" });
});
