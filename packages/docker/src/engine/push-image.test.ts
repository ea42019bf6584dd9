import type { BuildEvent, BuildServices, Existence } from "@imagespec/core";
import { afterEach, expect, test } from "vitest";
import { type Answer, type FakeEngine, jsonLines, startFakeEngine } from "../../test/support/fake-engine.ts";
import { type PushOrder, pushImage } from "./push-image.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
const pushed = { status: `v1: digest: ${digest} size: 527` };
const reference = "ghcr.io/org/app:v1";
let fake: FakeEngine | undefined;

afterEach(async () => {
  await fake?.stop();
});

function present(found: string, name = reference): Existence {
  return { verdict: "present", image: { reference: name, digest: found } };
}

type Parts = Partial<Omit<PushOrder, "services">> & { services?: Partial<BuildServices> };

async function push(answer: Answer | readonly object[], { services, ...parts }: Parts = {}) {
  const reply: Answer =
    typeof answer === "function" ? answer : (_, response) => response.end(jsonLines(...answer));
  const headers: string[] = [];
  fake = await startFakeEngine({
    "POST /images/ghcr.io/org/app/push": (request, response) => {
      headers.push(String(request.headers["x-registry-auth"]));
      return reply(request, response);
    },
  });
  const asked: string[] = [];
  const events: BuildEvent[] = [];
  const inspect = services?.inspect ?? (async (name: string) => present(digest, name));
  const result = pushImage(fake.engine, {
    reference,
    force: false,
    signal: new AbortController().signal,
    ...parts,
    services: {
      credentials: async () => undefined,
      emit: (event) => events.push(event),
      ...services,
      inspect: (name) => {
        asked.push(name);
        return inspect(name);
      },
    },
  });
  return { result, events, asked, headers };
}

test("the digest comes from aux and is asked for by itself", async () => {
  const layer = { id: "e91b", status: "Pushing", progressDetail: { current: 5, total: 10 } };
  const { result, asked, events } = await push([
    { status: "The push refers to repository [ghcr.io/org/app]" },
    layer,
    { id: "e91b", status: "Pushed", progressDetail: {} },
    { progressDetail: {}, aux: { Tag: "v1", Digest: digest, Size: 527 } },
  ]);
  expect(await result).toEqual({ digest, warnings: [] });
  expect(asked).toEqual([`ghcr.io/org/app@${digest}`]);
  expect(events).toMatchObject([
    { type: "push-progress", item: "e91b", status: "Pushing", current: 5, total: 10 },
    { type: "push-progress", item: "e91b", status: "Pushed" },
    { type: "push-end", image: reference, digest },
  ]);
});

test("the digest comes from the text where there is no aux", async () => {
  expect(await (await push([pushed])).result).toEqual({ digest, warnings: [] });
});

test("where the engine says no digest the registry is asked for the tag", async () => {
  const { result, asked } = await push([{ status: "Pushed" }]);
  expect(await result).toEqual({ digest, warnings: [] });
  expect(asked).toEqual([reference]);
});

test("what the registry does not have was not pushed", async () => {
  const inspect = async (): Promise<Existence> => ({ verdict: "absent" });
  await expect((await push([pushed], { services: { inspect } })).result).rejects.toMatchObject({
    code: "PUSH_NOT_VERIFIED",
    details: { image: reference, hint: "docker push ghcr.io/org/app:v1" },
  });
});

test("a registry that cannot be asked is a warning beside what the engine says", async () => {
  const inspect = async (): Promise<Existence> => ({ verdict: "unknown", reason: "rate-limited" });
  const { result } = await push([pushed], { services: { inspect } });
  expect(await result).toMatchObject({
    digest,
    warnings: [{ code: "PUSH_UNVERIFIED", severity: "warning" }],
  });
});

test.each([
  ["anonymous", undefined, {}],
  [
    "basic, with a password whose base64 has + and /",
    { kind: "basic", username: "alice", password: "p?>~+/w", source: "test" },
    { username: "alice", password: "p?>~+/w", serveraddress: "ghcr.io" },
  ],
  [
    "an identity token",
    { kind: "identityToken", token: "t", source: "test" },
    { identitytoken: "t", serveraddress: "ghcr.io" },
  ],
  [
    "a bearer token",
    { kind: "token", token: "t", source: "test" },
    { registrytoken: "t", serveraddress: "ghcr.io" },
  ],
] as const)("the login is sent as a header always: %s", async (_, credential, login) => {
  const { result, headers } = await push([pushed], { services: { credentials: async () => credential } });
  await result;
  expect(headers[0]).toMatch(/^[\w=-]+$/);
  expect(JSON.parse(Buffer.from(headers[0]!, "base64url").toString())).toEqual(login);
});

test.each([
  ["denied: permission_denied: write_package", "PUSH_DENIED"],
  ["unauthorized: authentication required", "PUSH_DENIED"],
  ["no basic auth credentials", "PUSH_DENIED"],
  [
    "push access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
    "PUSH_DENIED",
  ],
  ["toomanyrequests: slow down", "PUSH_RATE_LIMITED"],
  [
    "name unknown: The repository with name 'app' does not exist in the registry",
    "PUSH_REPOSITORY_NOT_FOUND",
  ],
  [
    "tag invalid: The image tag 'v1' already exists and cannot be overwritten because it is immutable",
    "PUSH_TAG_IMMUTABLE",
  ],
  ['Get "http://ghcr.io/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "PUSH_UNREACHABLE"],
  ['Get "https://ghcr.io/v2/": dial tcp: lookup ghcr.io: no such host', "PUSH_UNREACHABLE"],
  ['Get "https://ghcr.io/v2/": http: server gave HTTP response to HTTPS client', "PUSH_INSECURE"],
  ['Get "https://ghcr.io/v2/": x509: certificate signed by unknown authority', "PUSH_UNTRUSTED"],
  ["received unexpected HTTP status: 503 Service Unavailable", "PUSH_REGISTRY_ERROR"],
  ["something new", "PUSH_FAILED"],
])("an error inside a 200: %s", async (said, code) => {
  const inspect = async (): Promise<Existence> => ({ verdict: "absent" });
  const { result } = await push([{ errorDetail: { message: said }, error: said }], { services: { inspect } });
  const error = await result.catch((fault: unknown) => fault);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(said),
    details: { field: "registry" },
  });
  expect((error as { details: { hint: string } }).details.hint).not.toMatch(/HOST|REPOSITORY|REFERENCE/);
});

test("a push that is refused because the image came there meanwhile is a success", async () => {
  const refusal = [{ error: "tag invalid: v1 is immutable" }];
  const inspect = async () => present(other);
  expect(await (await push(refusal, { services: { inspect } })).result).toEqual({
    digest: other,
    warnings: [],
  });
  await fake?.stop();
  const forced = await push(refusal, { services: { inspect }, force: true });
  await expect(forced.result).rejects.toMatchObject({ code: "PUSH_TAG_IMMUTABLE" });
});

test("a registry that cannot be reached is not asked again", async () => {
  const { result, asked } = await push([{ error: "dial tcp: connect: connection refused" }]);
  await expect(result).rejects.toMatchObject({ code: "PUSH_UNREACHABLE" });
  expect(asked).toEqual([]);
});

/** Goes on retrying until it is hung up on. */
function retrying(onClose: () => void): Answer {
  return (_, response) => {
    response.write(
      jsonLines({ id: "a", status: "Retrying in 5 seconds" }, { id: "a", status: "Retrying in 4 seconds" }),
    );
    response.on("close", onClose);
  };
}

test("retries after a refusal are not waited for", async () => {
  let isGone = false;
  const answer = retrying(() => {
    isGone = true;
  });
  const inspect = async (): Promise<Existence> => ({ verdict: "unknown", reason: "denied" });
  const { result, asked } = await push(answer, { services: { inspect } });
  await expect(result).rejects.toMatchObject({ code: "PUSH_DENIED" });
  expect(asked).toEqual([reference]);
  await expect.poll(() => isGone).toBe(true);
});

test("retries after a passing fault are", async () => {
  const retry = { id: "a", status: "Retrying in 1 second" };
  expect(await (await push([retry, retry, pushed])).result).toEqual({ digest, warnings: [] });
});

test("an abort ends the push", async () => {
  const controller = new AbortController();
  const reason = new Error("ctrl-c");
  let isGone = false;
  const answer: Answer = (_, response) => {
    response.write(jsonLines({ id: "a", status: "Pushing" }));
    response.on("close", () => {
      isGone = true;
    });
  };
  const emit = () => controller.abort(reason);
  const { result } = await push(answer, { signal: controller.signal, services: { emit } });
  await expect(result).rejects.toBe(reason);
  await expect.poll(() => isGone).toBe(true);
});

test("an engine that dies during the push is lost", async () => {
  const answer: Answer = (request, response) => {
    response.write(jsonLines({ id: "a", status: "Pushing" }));
    setTimeout(() => request.socket.destroy(), 20);
  };
  await expect((await push(answer)).result).rejects.toMatchObject({ code: "ENGINE_LOST" });
});
