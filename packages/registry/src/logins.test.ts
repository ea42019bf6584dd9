import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Credential } from "@imagespec/core";
import { describe, expect, it, vi } from "vitest";
import { type PlainServer, plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";
import { putImage, type TestRegistry } from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

const bearer = { kind: "bearer", users: { me: "pw" } } as const;
const digest = `sha256:${"ab".repeat(32)}`;
const found = {
  "content-type": "application/vnd.oci.image.manifest.v1+json",
  "docker-content-digest": digest,
};

function lines(registry: TestRegistry): string[] {
  return registry.requests.map(({ method, path, status }) => `${method} ${path.split("?")[0]} ${status}`);
}

function queryOf(registry: TestRegistry): URLSearchParams {
  const asked = registry.requests.find(({ path }) => path.startsWith("/token"));
  return new URL(asked?.path ?? "/", registry.url).searchParams;
}

type TokenScene = Readonly<{
  token: (request: {
    method: string | undefined;
    url: string;
    authorization: string | undefined;
    body: string;
  }) => Readonly<Record<string, unknown>> | number | string;
  challenge?: (host: string) => string | readonly string[];
}>;

/** A registry that lets in whoever shows the token `good`, and its token server, on one host. */
function tokenRegistry({ token, challenge }: TokenScene): Promise<PlainServer> {
  return plainServer((request, response, body) => {
    const { method, url = "", headers } = request;
    if (url.startsWith("/token")) {
      const answer = token({ method, url, authorization: headers.authorization, body });
      response.writeHead(typeof answer === "number" ? answer : 200, { "content-type": "application/json" });
      return response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    }
    if (headers.authorization === "Bearer good") return response.writeHead(200, found).end();
    const offer =
      challenge?.(headers.host ?? "") ?? `Bearer realm="http://${headers.host}/token",service="here"`;
    response.writeHead(401, { "www-authenticate": offer as string }).end("{}");
  });
}

function withCredential(credential: Partial<Credential> & { kind: Credential["kind"] }): {
  credentials: () => Credential;
} {
  return { credentials: () => ({ source: "test", ...credential }) as Credential };
}

describe("a bearer token", () => {
  it("is asked for with the challenge's service, our scope first, and the password", async () => {
    const { registry } = await running({ auth: bearer, keepAuthorization: true });
    putImage(registry, "org/app", { tags: ["v1"] });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.exists(`${registry.host}/org/app:v1`)).toMatchObject({
      verdict: "present",
      credentialSource: "test",
    });
    expect(lines(registry)).toEqual([
      "HEAD /v2/org/app/manifests/v1 401",
      "GET /token 200",
      "HEAD /v2/org/app/manifests/v1 200",
    ]);
    const query = queryOf(registry);
    expect(query.getAll("scope")[0]).toBe("repository:org/app:pull");
    expect(query.get("service")).toBe("imagespec-test-registry");
    expect(query.get("client_id")).toBe("imagespec");
    expect(registry.requests[1]?.headers.authorization).toBe(`Basic ${btoa("me:pw")}`);
  });

  it("is shared by all questions about a repository, also by those asked at once", async () => {
    const { registry } = await running({ auth: bearer });
    for (const tag of ["a", "b", "c", "d"])
      putImage(registry, "app", { tags: [tag], config: { Labels: { tag } } });
    putImage(registry, "other", { tags: ["a"] });
    const client = privateClient({ credentials: basic("me", "pw") });
    await Promise.all(["a", "b", "c"].map((tag) => client.exists(`${registry.host}/app:${tag}`)));
    await client.exists(`${registry.host}/app:d`);
    expect(lines(registry).filter((line) => line.startsWith("GET /token"))).toHaveLength(1);
    await client.exists(`${registry.host}/other:a`);
    expect(lines(registry).filter((line) => line.startsWith("GET /token"))).toHaveLength(2);
  });

  it("that was revoked is replaced once; a second 401 is final", async () => {
    const { registry } = await running({ auth: bearer });
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient({ credentials: basic("me", "pw"), limits: { remember: 0 } });
    await client.exists(`${registry.host}/app:v1`);
    registry.revokeTokens();
    registry.clearRequests();
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(lines(registry)).toEqual([
      "HEAD /v2/app/manifests/v1 401",
      "GET /token 200",
      "HEAD /v2/app/manifests/v1 200",
    ]);
    registry.addFault({ fault: { kind: "expired-token" }, path: /manifests/ });
    registry.clearRequests();
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({ reason: "denied-or-absent" });
    expect(lines(registry).filter((line) => line.startsWith("GET /token"))).toHaveLength(1);
  });

  it("is renewed five seconds before its end, and lives 60 s at least", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const server = await tokenRegistry({
        token: () => ({ token: "good", expires_in: 1, issued_at: "1999-01-01T00:00:00Z" }),
      });
      const client = privateClient({ limits: { remember: 0 } });
      const tokens = (): number => server.requests.filter(({ line }) => line.includes("/token")).length;
      await client.exists(`${server.host}/app`);
      vi.setSystemTime(Date.now() + 54_000);
      await client.exists(`${server.host}/app`);
      expect(tokens()).toBe(1);
      vi.setSystemTime(Date.now() + 2_000);
      await client.exists(`${server.host}/app`);
      expect(tokens()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("of access_token is taken before that of token", async () => {
    const server = await tokenRegistry({ token: () => ({ access_token: "good", token: "bad" }) });
    expect(await privateClient().exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
  });

  it.each<[string, ReturnType<TokenScene["token"]>, string]>([
    ["that is missing", {}, "protocol"],
    ["that holds a line break", { token: "good\r\nx: y" }, "protocol"],
    ["in a body without an end", `{"token":"good","x":"${"x".repeat(70_000)}"}`, "protocol"],
    ["that is not JSON", "<html>", "protocol"],
    ["429", 429, "rate-limited"],
    ["500", 500, "server-error"],
    ["403", 403, "auth-required-or-absent"],
    ["401", 401, "auth-required-or-absent"],
    ["404", 404, "protocol"],
  ])("%s: %#", async (_, token, reason) => {
    const server = await tokenRegistry({ token: () => token });
    expect(await privateClient().exists(`${server.host}/app`)).toMatchObject({ verdict: "unknown", reason });
  });

  it.each([
    ["a relative realm", 'Bearer realm="/token"'],
    ["a realm with a query", 'Bearer realm="/token?x=1&service=own"'],
    ["a bare realm", "Bearer realm=/token"],
    ["Basic beside it", 'Basic realm="x", BEARER Realm="/token"'],
  ])("with %s", async (_, offer) => {
    const server = await tokenRegistry({ token: () => ({ token: "good" }), challenge: () => offer });
    expect(await privateClient().exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
  });

  it("asks /v2/ for the challenge where the 401 has none", async () => {
    const server = await plainServer(({ url = "", headers }, response) => {
      if (url.startsWith("/token")) return response.end('{"token":"good"}');
      if (headers.authorization === "Bearer good") return response.writeHead(200, found).end();
      const offer =
        url === "/v2/" ? { "www-authenticate": `Bearer realm="http://${headers.host}/token"` } : {};
      response.writeHead(401, offer).end();
    });
    expect(await privateClient().exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
    expect(server.requests.map(({ line }) => line.split("?")[0])).toEqual([
      "HEAD /v2/app/manifests/latest",
      "GET /v2/",
      "GET /token",
      "HEAD /v2/app/manifests/latest",
    ]);
  });

  it("is never asked for by sending a password to another domain", async () => {
    const server = await tokenRegistry({
      token: () => ({ token: "good" }),
      challenge: () => 'Bearer realm="https://8.8.8.8/token"',
    });
    const existence = await privateClient({ credentials: basic("me", "pw") }).exists(`${server.host}/app`);
    expect(existence).toMatchObject({ verdict: "unknown", reason: "untrusted-realm" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("an identity token", () => {
  const identity = withCredential({ kind: "identityToken", token: "identity" });

  it("is exchanged by POST", async () => {
    const server = await tokenRegistry({
      token: ({ method }) => (method === "POST" ? { access_token: "good" } : 500),
    });
    expect(await privateClient(identity).exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
    const form = new URLSearchParams(server.requests[1]?.body);
    expect(Object.fromEntries(form)).toEqual({
      grant_type: "refresh_token",
      client_id: "imagespec",
      service: "here",
      scope: "repository:app:pull",
      refresh_token: "identity",
    });
  });

  it.each([404, 405, 400])("goes by GET where POST answers %i", async (status) => {
    const server = await tokenRegistry({
      token: ({ method }) => (method === "POST" ? status : { token: "good" }),
    });
    expect(await privateClient(identity).exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
  });

  it("is not sent on by a redirect of the token server", async () => {
    const thief = await plainServer((_, response) => response.end('{"token":"good"}'));
    const server = await plainServer(({ url = "", headers }, response) => {
      if (url.startsWith("/token")) return response.writeHead(307, { location: `${thief.url}/token` }).end();
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://${headers.host}/token"` }).end();
    });
    expect(await privateClient(identity).exists(`${server.host}/app`)).toMatchObject({ reason: "protocol" });
    expect(thief.requests).toEqual([]);
  });
});

describe("other logins", () => {
  it("a registry token is shown as it is", async () => {
    const server = await tokenRegistry({ token: () => 500 });
    const ready = withCredential({ kind: "token", token: "good" });
    expect(await privateClient(ready).exists(`${server.host}/app`)).toMatchObject({ verdict: "present" });
    expect(server.requests.map(({ line }) => line)).toEqual([
      "HEAD /v2/app/manifests/latest",
      "HEAD /v2/app/manifests/latest",
    ]);
  });

  it("Basic, whose realm may be a URL (ECR)", async () => {
    const server = await plainServer(({ headers }, response) => {
      const ok = headers.authorization === `Basic ${Buffer.from("AWS:pässword").toString("base64")}`;
      if (ok) return response.writeHead(200, found).end();
      response
        .writeHead(401, { "www-authenticate": 'Basic realm="https://account.dkr.example/",service="x"' })
        .end();
    });
    const client = privateClient({ credentials: basic("AWS", "pässword") });
    expect(await client.exists(`${server.host}/app`)).toMatchObject({
      verdict: "present",
      credentialSource: "test",
    });
  });

  it("none is offered to Negotiate", async () => {
    const server = await plainServer((_, response) =>
      response.writeHead(401, { "www-authenticate": "Negotiate" }).end(),
    );
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.exists(`${server.host}/app`)).toMatchObject({
      verdict: "unknown",
      reason: "protocol",
    });
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

describe("redirects", () => {
  it("carry no credentials to another host, and its 401 gets none", async () => {
    const thief = await plainServer((_, response) =>
      response.writeHead(401, { "www-authenticate": "Basic" }).end(),
    );
    const server = await plainServer(({ headers }, response) => {
      if (headers.authorization !== undefined)
        return response.writeHead(307, { location: `${thief.url}/x` }).end();
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.exists(`${server.host}/app`)).toMatchObject({
      verdict: "unknown",
      reason: "bad-credentials",
    });
    expect(thief.requests.length).toBeGreaterThan(0);
    expect(thief.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it("never lead from https to http", async () => {
    const plain = await plainServer((_, response) => response.writeHead(200, found).end());
    const { registry } = await running({ tls: true });
    registry.addFault({ fault: { kind: "redirect", location: `${plain.url}/v2/app/manifests/v1` } });
    const client = privateClient({ registries: { [registry.host]: { ca: registry.certificateAuthority } } });
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({
      verdict: "unknown",
      reason: "protocol",
    });
    expect(plain.requests).toEqual([]);
  });

  it("are followed with the credentials on the same host", async () => {
    const { registry } = await running({ auth: { kind: "basic", users: { me: "pw" } } });
    putImage(registry, "app", { tags: ["v1"] });
    registry.addFault({
      fault: { kind: "redirect", location: "/v2/app/manifests/v1" },
      path: /:old$|\/old$/,
    });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.exists(`${registry.host}/app:old`)).toMatchObject({ verdict: "present" });
  });
});

describe("credentials of the machine", () => {
  async function ask(home: Readonly<Record<string, string>>, registryConfig?: string): Promise<Asked> {
    const { registry } = await running({ auth: { kind: "basic", users: { me: "pw" } } });
    putImage(registry, "app", { tags: ["v1"] });
    const homeDirectory = await temporaryFolder();
    for (const [path, text] of Object.entries(home)) {
      await mkdir(dirname(join(homeDirectory, path)), { recursive: true });
      await writeFile(join(homeDirectory, path), text.replace("HOST", registry.host), { mode: 0o755 });
    }
    const environment = { PATH: `${homeDirectory}:/usr/bin:/bin` };
    const client = privateClient({ homeDirectory, environment, limits: { credentialHelper: 200 } });
    const config =
      registryConfig === undefined ? {} : { registryConfig: join(homeDirectory, registryConfig) };
    const existence = await client.exists(`${registry.host}/app:v1`, config);
    const credential = await client
      .credentials(`${registry.host}/app`, "push", config)
      .catch(({ code }) => code);
    return { verdict: existence.verdict === "unknown" ? existence.reason : existence.verdict, credential };
  }
  type Asked = Readonly<{ verdict: string; credential: unknown }>;

  const login = JSON.stringify({ auths: { HOST: { auth: btoa("me:pw") } } });
  const helper = '{"credsStore":"own"}';
  const config = ".docker/config.json";

  it("are those of docker's file, or of the file that the spec names", async () => {
    expect(await ask({ [config]: login })).toMatchObject({
      verdict: "present",
      credential: { username: "me" },
    });
    expect(await ask({ "own.json": login }, "own.json")).toMatchObject({ verdict: "present" });
    expect(await ask({ "own.json": login })).toEqual({
      verdict: "auth-required-or-absent",
      credential: undefined,
    });
  });

  it("a helper that waits for somebody: unknown", async () => {
    const files = { [config]: helper, "docker-credential-own": "#!/bin/sh\nexec sleep 60\n" };
    expect(await ask(files)).toEqual({
      verdict: "credential-helper-timeout",
      credential: "REGISTRY_CREDENTIAL_HELPER_TIMEOUT",
    });
  });

  it("a helper that fails is not taken for a machine without logins", async () => {
    const files = { [config]: helper, "docker-credential-own": "#!/bin/sh\necho broken; exit 1\n" };
    expect(await ask(files)).toMatchObject({ verdict: "credential-helper-failed" });
  });
});
