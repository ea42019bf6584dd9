import { describe, expect, it } from "vitest";
import { plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";
import { putImage } from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

const bearer = { kind: "bearer", users: { me: "pw" } } as const;
const pullOnly = ({ action }: { action: string }): boolean => action === "pull";

describe("whether a push would be let in", () => {
  it("by a session that is opened and cancelled", async () => {
    const { registry } = await running();
    expect(await privateClient().checkPush(`${registry.host}/org/app`)).toEqual({ verdict: "allowed" });
    expect(
      registry.requests.map(
        ({ method, path, status }) => `${method} ${path.split("?")[0]?.replace(/[^/]+$/, "")} ${status}`,
      ),
    ).toEqual(["POST /v2/org/app/blobs/uploads/ 202", "DELETE /v2/org/app/blobs/uploads/ 204"]);
  });

  it("with a token for pull and push", async () => {
    const { registry } = await running({ auth: bearer });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.checkPush(`${registry.host}/app`)).toEqual({
      verdict: "allowed",
      credentialSource: "test",
    });
    const token = new URL(registry.requests[1]?.path ?? "", registry.url);
    expect(token.searchParams.getAll("scope")[0]).toBe("repository:app:pull,push");
  });

  it.each([
    ["a missing Location", {}],
    ["a Location on another host", { location: "http://registry.invalid/upload" }],
    ["a Location that is no URL", { location: "http://" }],
    ["a DELETE that fails", { location: "/fails" }],
  ])("%s is no denial", async (_, headers) => {
    const server = await plainServer(({ method }, response) => {
      response.writeHead(method === "POST" ? 202 : 500, headers).end();
    });
    expect(await privateClient().checkPush(`${server.host}/app`)).toEqual({ verdict: "allowed" });
  });

  it.each([
    ["no login (Basic)", "REGISTRY_LOGIN", { kind: "basic", users: {} }, undefined],
    ["no login (Bearer)", "REGISTRY_LOGIN", bearer, undefined],
    ["a wrong password (Basic)", "REGISTRY_LOGIN", { kind: "basic", users: { me: "pw" } }, "wrong"],
    ["a wrong password (Bearer)", "REGISTRY_LOGIN", bearer, "wrong"],
    ["a login that may only pull (Bearer)", "REGISTRY_PUSH_DENIED", { ...bearer, allow: pullOnly }, "pw"],
    [
      "a login that may only pull (Basic)",
      "REGISTRY_PUSH_DENIED",
      { kind: "basic", users: { me: "pw" }, allow: pullOnly },
      "pw",
    ],
  ] as const)("%s: denied, %s", async (_, code, auth, password) => {
    const { registry } = await running({ auth });
    const client = privateClient(password === undefined ? {} : { credentials: basic("me", password) });
    const permission = await client.checkPush(`${registry.host}/app`);
    expect(permission).toMatchObject({ verdict: "denied", code, hint: expect.stringMatching(/\w/) });
    expect(JSON.stringify(permission)).not.toContain('wrong"');
  });

  it("a registry in read-only mode: denied", async () => {
    const server = await plainServer((_, response) =>
      response.writeHead(405).end('{"errors":[{"code":"UNSUPPORTED"}]}'),
    );
    expect(await privateClient().checkPush(`${server.host}/app`)).toMatchObject({
      verdict: "denied",
      code: "REGISTRY_READ_ONLY",
    });
  });

  it.each([
    [429, "rate-limited"],
    [500, "server-error"],
    [404, "protocol"],
    [302, "protocol"],
  ])("%i: unknown, %s", async (status, reason) => {
    const server = await plainServer((_, response) => response.writeHead(status).end());
    const permission = await privateClient().checkPush(`${server.host}/app`);
    expect(permission).toMatchObject({ verdict: "unknown", reason: expect.stringMatching(`^${reason}: `) });
  });

  it("a registry that is not there: unknown", async () => {
    expect(await privateClient().checkPush("127.0.0.1:1/app")).toMatchObject({
      verdict: "unknown",
      reason: expect.stringMatching(/^refused: /),
    });
  });
});

describe("whether anybody may pull", () => {
  it("public: only on 200, asked without the credentials at hand", async () => {
    const { registry } = await running({ auth: { ...bearer, allow: ({ action }) => action === "pull" } });
    const { digest } = putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.checkPublic(`${registry.host}/app:v1`)).toMatchObject({
      verdict: "public",
      image: { digest },
    });
    expect(registry.requests.every(({ headers }) => !headers.authorization?.startsWith("Basic"))).toBe(true);
  });

  it("private, where only a login finds it", async () => {
    const { registry } = await running({ auth: bearer });
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.checkPublic(`${registry.host}/app:v1`)).toMatchObject({
      verdict: "private",
      detail: "it cannot be pulled without a login",
      hint: expect.stringContaining("kubectl create secret docker-registry"),
    });
    expect(await client.checkPublic(`${registry.host}/app:v2`)).toMatchObject({
      verdict: "unknown",
      reason: "absent",
    });
  });

  it("private, and perhaps not there, where nobody can tell", async () => {
    const { registry } = await running({ auth: bearer });
    expect(await privateClient().checkPublic(`${registry.host}/app:v1`)).toMatchObject({
      verdict: "private",
      detail: expect.stringContaining("nor is it certain"),
    });
  });

  it("unknown, where the registry cannot say", async () => {
    expect(await privateClient().checkPublic("127.0.0.1:1/app")).toMatchObject({
      verdict: "unknown",
      reason: "refused",
    });
  });
});

describe("after a push", () => {
  const type = "application/vnd.oci.image.index.v1+json";

  it("digest, media type and platforms are compared", async () => {
    const { registry } = await running();
    const { digest } = putImage(registry, "app", { tags: ["v1"], platforms: ["linux/amd64", "linux/arm64"] });
    const name = `${registry.host}/app:v1`;
    const client = privateClient();
    const built = { digest, mediaType: type, platforms: ["linux/aarch64", "linux/amd64"] };
    expect(await client.verifyPush(name, built)).toMatchObject({ verdict: "verified", image: { digest } });
    const other = `sha256:${"ab".repeat(32)}`;
    expect(
      await client.verifyPush(name, { digest: other, mediaType: "x", platforms: ["linux/amd64"] }),
    ).toEqual({
      verdict: "different",
      differences: [
        { what: "digest", expected: other, found: digest },
        { what: "mediaType", expected: "x", found: type },
        { what: "platforms", expected: "linux/amd64", found: "linux/amd64, linux/arm64" },
      ],
    });
    expect(await client.verifyPush(name, { platforms: ["linux/s390x"] })).toEqual({
      verdict: "different",
      differences: [{ what: "platforms", expected: "linux/s390x", found: "none of linux/s390x" }],
    });
  });

  it("nothing remembered is used, and a registry that is slow to know is asked again", async () => {
    const { registry } = await running();
    const name = `${registry.host}/app:v1`;
    const first = putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient();
    await client.exists(name);
    const second = putImage(registry, "app", { tags: ["v1"], config: { Labels: { a: "b" } } });
    registry.addFault({
      fault: { kind: "status", status: 404, code: "MANIFEST_UNKNOWN" },
      path: /manifests/,
      nth: [1, 2],
    });
    expect(await client.verifyPush(name, { digest: second.digest })).toMatchObject({ verdict: "verified" });
    expect(second.digest).not.toBe(first.digest);
  });

  it("unknown stays unknown", async () => {
    expect(await privateClient().verifyPush("127.0.0.1:1/app", {})).toMatchObject({
      verdict: "unknown",
      reason: "refused",
    });
  });
});
