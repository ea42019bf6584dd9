import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import type { RegistryOptions } from "../options.ts";
import { type Running, running } from "../test-support/running.ts";
import { basic, bearer, type Sending } from "../test-support/send.ts";
import type { BearerAuth } from "./auth-options.ts";

const auth: BearerAuth = { kind: "bearer", users: { alice: "s3cret" }, service: "lab" };

type Grant = Readonly<Record<string, unknown>> & Readonly<{ token: string }>;

async function askToken({ ask }: Running, query: string, sending: Sending = {}): Promise<Grant> {
  return JSON.parse((await ask(`GET /token?${query}`, sending)).text) as Grant;
}

async function start(options: RegistryOptions = {}): Promise<Running & Readonly<{ blob: string }>> {
  const server = await running({ auth, ...options });
  return { ...server, blob: `/v2/org/app/blobs/${server.registry.putBlob("org/app", "x")}` };
}

const alice = { headers: basic("alice", "s3cret") };

test("a challenge says what is missing, where a token is given and for what", async () => {
  const { registry, ask, blob } = await start();
  const challenge = async (target: string, token?: string): Promise<string> => {
    const refused = await ask(target, token === undefined ? {} : { headers: bearer(token) });
    expect(refused).toMatchObject({ status: 401, codes: ["UNAUTHORIZED"] });
    return refused.headers["www-authenticate"]?.replace(registry.url, "URL") ?? "";
  };
  expect(await challenge("GET /v2/")).toBe('Bearer realm="URL/token",service="lab"');
  const base = 'Bearer realm="URL/token",service="lab",scope=';
  expect(await challenge(`GET ${blob}`)).toBe(`${base}"repository:org/app:pull"`);
  expect(await challenge(`DELETE ${blob}`)).toBe(`${base}"repository:org/app:delete"`);
  expect(await challenge("GET /v2/_catalog")).toBe(`${base}"registry:catalog:*"`);
  const mount = "POST /v2/org/app/blobs/uploads/?mount=sha256:0&from=org/base";
  expect(await challenge(mount)).toBe(`${base}"repository:org/app:pull,push repository:org/base:pull"`);
  const pullOnly = registry.issueToken({
    user: "alice",
    access: [{ type: "repository", name: "org/app", actions: ["pull"] }],
  });
  expect(await challenge(mount, pullOnly)).toContain(',error="insufficient_scope"');
  expect(await challenge(`GET ${blob}`, "nonsense")).toContain(',error="invalid_token"');
});

test("a login gets a token for what it asked, and the token opens that", async () => {
  const server = await start();
  const scope = "service=lab&scope=repository:org/app:pull,push";
  const grant = await askToken(server, scope, alice);
  expect(grant).toMatchObject({ expires_in: 300, scope: "repository:org/app:pull,push" });
  expect(grant.access_token).toBe(grant.token);
  expect(grant.refresh_token).toBeUndefined();
  const headers = bearer(grant.token);
  expect((await server.ask(`GET ${server.blob}`, { headers })).text).toBe("x");
  expect((await server.ask("GET /v2/", { headers })).status).toBe(200);
  expect((await server.ask(`DELETE ${server.blob}`, { headers })).status).toBe(401);
  expect((await server.ask("GET /v2/org/other/tags/list", { headers })).status).toBe(401);
});

test("nobody gets a token that opens nothing, unless a rule lets them", async () => {
  const closed = await start();
  const query = "scope=repository:org/app:pull,push";
  expect(await askToken(closed, query)).toMatchObject({ scope: "repository:org/app:" });
  const open = await start({
    auth: { ...auth, allow: ({ user, action }) => user === "alice" || action === "pull" },
  });
  const { token, scope } = await askToken(open, query);
  expect(scope).toBe("repository:org/app:pull");
  expect((await open.ask(`GET ${open.blob}`, { headers: bearer(token) })).status).toBe(200);
});

test("a wrong password gets no token, and another service is not this one", async () => {
  const { ask } = await start();
  const wrong = { headers: basic("alice", "other") };
  expect(await ask("GET /token?scope=repository:a:pull", wrong)).toMatchObject({
    status: 401,
    codes: ["UNAUTHORIZED"],
  });
  expect((await ask("GET /token?service=other", alice)).status).toBe(400);
});

test("everything at once: several scopes, and * on a repository", async () => {
  const server = await start();
  const scopes =
    "scope=repository:a/b:*+registry:catalog:*&scope=repository(plugin):localhost:5000/c:pull&scope=junk";
  const { scope, token } = await askToken(server, scopes, alice);
  expect(scope).toBe("repository:a/b:pull,push,delete registry:catalog:* repository:localhost:5000/c:pull");
  expect((await server.ask("GET /v2/_catalog", { headers: bearer(token) })).status).toBe(200);
});

test("a token ends with its time, by the clock it was given", async () => {
  let now = 1_000_000;
  const server = await start({ auth: { ...auth, lifetime: 60 }, now: () => now });
  const { token, issued_at } = await askToken(server, "scope=repository:org/app:pull", alice);
  expect(issued_at).toBe("1970-01-01T00:16:40.000Z");
  const status = async (): Promise<number> =>
    (await server.ask(`GET ${server.blob}`, { headers: bearer(token) })).status;
  now += 59_999;
  expect(await status()).toBe(200);
  now += 1;
  expect(await status()).toBe(401);
});

test("tokens can be ended, one by a fault and all at once", async () => {
  const server = await start();
  const take = async (): Promise<string> =>
    (await askToken(server, "scope=repository:org/app:pull", alice)).token;
  const status = async (token: string): Promise<number> =>
    (await server.ask(`GET ${server.blob}`, { headers: bearer(token) })).status;
  const [first, second] = [await take(), await take()];
  server.registry.addFault({ fault: { kind: "expired-token" }, path: server.blob, nth: 2 });
  expect([await status(first), await status(first), await status(first), await status(second)]).toEqual([
    200, 401, 401, 200,
  ]);
  server.registry.revokeTokens();
  expect(await status(second)).toBe(401);
  expect(await status(await take())).toBe(200);
});

test("a refresh token is exchanged by POST, as a password is", async () => {
  const server = await start();
  const { refresh_token } = await askToken(server, "offline_token=true", alice);
  const post = async (fields: Record<string, string>): Promise<number> => {
    const body = new URLSearchParams({
      service: "lab",
      scope: "repository:org/app:pull",
      ...fields,
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, text } = await server.ask("POST /token", { headers, body });
    if (status !== 200) return status;
    const { access_token } = JSON.parse(text) as { access_token: string };
    return (await server.ask(`GET ${server.blob}`, { headers: bearer(access_token) })).status;
  };
  expect(await post({ grant_type: "refresh_token", refresh_token: String(refresh_token) })).toBe(200);
  expect(await post({ grant_type: "password", username: "alice", password: "s3cret" })).toBe(200);
  expect(await post({ grant_type: "refresh_token", refresh_token: "stolen" })).toBe(401);
  expect(await post({ grant_type: "password", username: "alice", password: "no" })).toBe(401);
  expect(await post({ grant_type: "authorization_code" })).toBe(400);
  expect(await post({ grant_type: "x".repeat(70_000) })).toBe(413);
});

test("a signed token carries its claims, and the certificate that they are verified with", async () => {
  const server = await start({ auth: { ...auth, tokens: "signed", issuer: "lab-issuer" }, now: () => 5_000 });
  const { token } = await askToken(server, "scope=repository:org/app:pull", alice);
  const [header = "", payload = "", signature = ""] = token.split(".");
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  const certificate = new X509Certificate(server.registry.tokenCertificate ?? "");
  expect(decode(header)).toEqual({ typ: "JWT", alg: "ES256", x5c: [certificate.raw.toString("base64")] });
  expect(decode(payload)).toMatchObject({
    iss: "lab-issuer",
    sub: "alice",
    aud: "lab",
    iat: 5,
    nbf: 5,
    exp: 305,
    access: [{ type: "repository", name: "org/app", actions: ["pull"] }],
  });
  const key = createPublicKey(certificate.publicKey.export({ type: "spki", format: "pem" }));
  const content = Buffer.from(`${header}.${payload}`);
  const isGenuine = verify(
    "sha256",
    content,
    { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  expect(isGenuine).toBe(true);
  expect((await server.ask(`GET ${server.blob}`, { headers: bearer(token) })).status).toBe(200);
  expect(
    (await server.ask(`GET ${server.blob}`, { headers: bearer(`${header}.${payload}.AAAA`) })).status,
  ).toBe(401);
});

test("the realm can be elsewhere", async () => {
  const { ask } = await start({ auth: { ...auth, realm: "https://auth.example.com/token?a=b" } });
  const { headers } = await ask("GET /v2/");
  expect(headers["www-authenticate"]).toBe('Bearer realm="https://auth.example.com/token?a=b",service="lab"');
});

test("a registry without tokens has none to give", async () => {
  const { registry, ask } = await running();
  expect((await ask("GET /token")).status).toBe(404);
  expect(registry.tokenCertificate).toBeUndefined();
  expect(() => registry.issueToken({ user: undefined, access: [] })).toThrow("gives out no tokens");
  expect(() => registry.addFault({ fault: { kind: "expired-token" } })).toThrow("gives out no tokens");
});
