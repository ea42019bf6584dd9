import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Existence } from "@imagespec/core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RegistryClientOptions } from "./client/options.ts";
import { plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";
import {
  type Fault,
  type FaultRule,
  putImage,
  type RecordedRequest,
  type RegistryOptions,
  type TestRegistry,
} from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

const manifests = /\/manifests\//;
const other = `sha256:${"ab".repeat(32)}`;
const indexHeaders = { "content-type": "application/vnd.oci.image.index.v1+json" };
const json = { "content-type": "application/json" };

type Scene = Readonly<{
  registry?: RegistryOptions;
  client?: RegistryClientOptions;
  /** Tag or digest asked for; the image is there as `v1`. */
  ask?: string;
  head?: Fault;
  get?: Fault;
  both?: Fault;
}>;

type Played = Readonly<{ existence: Existence; registry: TestRegistry; digest: string }>;

async function play(scene: Scene): Promise<Played> {
  const { registry } = await running(scene.registry ?? {});
  const { digest } = putImage(registry, "app", { tags: ["v1"] });
  for (const [method, fault] of Object.entries({
    HEAD: scene.head ?? scene.both,
    GET: scene.get ?? scene.both,
  }))
    if (fault !== undefined) registry.addFault({ fault, method, path: manifests } satisfies FaultRule);
  const tail = scene.ask ?? ":v1";
  const existence = await privateClient(scene.client).exists(`${registry.host}/app${tail}`);
  return { existence, registry, digest };
}

async function reasonOf(scene: Scene): Promise<string> {
  const { existence } = await play(scene);
  return existence.verdict === "unknown" ? existence.reason : existence.verdict;
}

function errorBody(code: string, message = "said so"): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function refusal(status: number, body: string, headers = json): Fault {
  return { kind: "status", status, body, headers };
}

describe("present", () => {
  it("by one HEAD, with digest and media type", async () => {
    const { existence, registry, digest } = await play({});
    expect(existence).toEqual({
      verdict: "present",
      image: {
        reference: `${registry.host}/app:v1`,
        digest,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
      },
    });
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  it.each<[string, Fault]>([
    ["without a digest", { kind: "missing-headers", names: ["docker-content-digest"] }],
    ["with a digest that is none", { kind: "headers", headers: { "docker-content-digest": "sha256:abc" } }],
    ["with an odd type", { kind: "headers", headers: { "content-type": "application/octet-stream" } }],
    ["without a type", { kind: "missing-headers", names: ["content-type"] }],
    ["as 405, where HEAD is not known", { kind: "status", status: 405 }],
    ["as 404, where GET knows better (Nexus)", { kind: "status", status: 404, code: "MANIFEST_UNKNOWN" }],
    ["as 500, where GET knows better", { kind: "status", status: 500 }],
    ["as a web page", { kind: "html" }],
  ])("after a HEAD %s, by the bytes of a GET", async (_, head) => {
    const { existence, digest, registry } = await play({ head });
    expect(existence).toMatchObject({ verdict: "present", image: { digest } });
    expect(registry.requests.at(-1)?.method).toBe("GET");
  });

  it("after a HEAD with an odd length, by the bytes of a GET", async () => {
    const body = '{"schemaVersion":2,"manifests":[]}';
    const server = await plainServer((request, response) => {
      const length = request.method === "HEAD" ? "99999999" : String(body.length);
      response.writeHead(200, { ...indexHeaders, "docker-content-digest": other, "content-length": length });
      response.end(body);
    });
    // The GET shows that digest and bytes do not fit each other.
    expect(await privateClient().exists(`${server.host}/app`)).toMatchObject({ reason: "digest-mismatch" });
    expect(server.requests.map(({ line }) => line.split(" ")[0])).toEqual(["HEAD", "GET"]);
  });

  it("where only the Accept header is found wanting", async () => {
    const body = errorBody(
      "MANIFEST_UNKNOWN",
      "OCI index found, but accept header does not support OCI indexes",
    );
    const { existence } = await play({ both: refusal(404, body) });
    expect(existence).toMatchObject({ verdict: "present" });
  });

  it("asks for all four types", async () => {
    const { registry } = await play({});
    expect(registry.requests[0]?.headers.accept?.split(", ").sort()).toEqual([
      "application/vnd.docker.distribution.manifest.list.v2+json",
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.oci.image.index.v1+json",
      "application/vnd.oci.image.manifest.v1+json",
    ]);
  });

  it("by digest, sha256 and sha512", async () => {
    const { digest, registry } = await play({});
    expect(await privateClient().exists(`${registry.host}/app@${digest}`)).toMatchObject({
      verdict: "present",
    });
    expect(await privateClient().exists(`${registry.host}/app:other@${digest}`)).toMatchObject({
      verdict: "present",
    });
  });
});

describe("absent", () => {
  it.each(["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND", "TAG_EXPIRED", "manifest_unknown"])(
    "404 with %s",
    async (code) => {
      expect(await reasonOf({ both: refusal(404, errorBody(code)) })).toBe("absent");
    },
  );

  it("what the registry itself does not have", async () => {
    expect(await reasonOf({ ask: ":other" })).toBe("absent");
    expect(await reasonOf({ ask: `@${other}` })).toBe("absent");
  });
});

describe("unknown", () => {
  it.each<[string, string, Scene]>([
    ["a web page with 200", "not-a-registry", { both: { kind: "html" } }],
    ["a web page with 404", "not-a-registry", { both: { kind: "html", status: 404 } }],
    ["404 with an empty body", "not-a-registry", { both: refusal(404, "") }],
    ["JSON that is no manifest", "not-a-registry", { both: refusal(200, '{"hello":1}') }],
    [
      "JSON with an endless body",
      "not-a-registry",
      { head: { kind: "html" }, get: { kind: "endless-body" } },
    ],
    ["404 with another code", "protocol", { both: refusal(404, errorBody("UNHEARD_OF")) }],
    ["404 with JSON of another form", "protocol", { both: refusal(404, '{"message":"gone"}') }],
    ["403", "denied", { both: refusal(403, errorBody("DENIED")) }],
    ["400 without a token", "protocol", { both: refusal(400, errorBody("NAME_INVALID")) }],
    ["418", "protocol", { both: refusal(418, "") }],
    ["204", "protocol", { both: refusal(204, "") }],
    ["408", "server-error", { both: refusal(408, "") }],
    ["500", "server-error", { both: refusal(500, "") }],
    ["503 as a web page", "server-error", { both: { kind: "html", status: 503 } }],
    ["429", "rate-limited", { both: { kind: "rate-limit", retryAfter: 0 } }],
    ["429 for an hour", "rate-limited", { both: { kind: "rate-limit", retryAfter: 3600 } }],
    [
      "TOOMANYREQUESTS with another status",
      "rate-limited",
      { both: refusal(400, errorBody("TOOMANYREQUESTS")) },
    ],
    ["a cut connection", "connection-lost", { both: { kind: "drop" } }],
    ["10 MB of headers", "protocol", { both: { kind: "huge-headers" } }],
    ["a circle of redirects", "protocol", { both: { kind: "redirect", location: "/v2/app/manifests/v1" } }],
    ["a redirect to nowhere", "protocol", { both: { kind: "redirect", location: "ftp://nowhere" } }],
    [
      "other bytes than the digest's",
      "digest-mismatch",
      { head: { kind: "html" }, get: { kind: "wrong-digest" } },
    ],
  ])("%s: %s", async (_, reason, scene) => {
    expect(await reasonOf(scene)).toBe(reason);
  });

  it("asked by digest, another came", async () => {
    const { registry } = await running();
    const { digest } = putImage(registry, "app", { tags: ["v1"] });
    registry.addFault({ fault: { kind: "wrong-digest" }, path: manifests });
    expect(await privateClient().exists(`${registry.host}/app@${digest}`)).toMatchObject({
      verdict: "unknown",
      reason: "digest-mismatch",
    });
  });

  it.each<[string, string, Scene]>([
    [
      "401 without credentials (Basic)",
      "auth-required-or-absent",
      { registry: { auth: { kind: "basic", users: {} } } },
    ],
    [
      "401 without credentials (Bearer)",
      "auth-required-or-absent",
      { registry: { auth: { kind: "bearer", users: {} } } },
    ],
    [
      "401 with credentials and a token",
      "denied-or-absent",
      {
        registry: { auth: { kind: "bearer", users: { me: "pw" }, allow: () => false } },
        client: { credentials: basic("me", "pw") },
      },
    ],
    [
      "a wrong password at the token server",
      "bad-credentials",
      {
        registry: { auth: { kind: "bearer", users: { me: "pw" } } },
        client: { credentials: basic("me", "wrong") },
      },
    ],
    [
      "a wrong password at the registry",
      "bad-credentials",
      {
        registry: { auth: { kind: "basic", users: { me: "pw" } } },
        client: { credentials: basic("me", "wrong") },
      },
    ],
  ])("%s: %s", async (_, reason, scene) => {
    expect(await reasonOf(scene)).toBe(reason);
  });

  it("400 after Bearer: the token is dropped, once", async () => {
    const { registry } = await running({ auth: { kind: "bearer", users: { me: "pw" } } });
    putImage(registry, "app", { tags: ["v1"] });
    const withToken = ({ headers }: RecordedRequest): boolean =>
      headers.authorization?.startsWith("Bearer") === true;
    const fault = registry.addFault({ fault: refusal(400, ""), path: manifests, when: withToken, nth: 1 });
    const client = privateClient({ credentials: basic("me", "pw") });
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(fault.hits).toHaveLength(1);
    registry.addFault({ fault: refusal(400, ""), path: manifests, when: withToken });
    client.forget(`${registry.host}/app:v1`);
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({
      verdict: "unknown",
      reason: "protocol",
    });
  });

  it("says why, without what a body may hold of secrets", async () => {
    const body = errorBody(
      "DENIED",
      "see https://x.example/a?token=hunter2 or Bearer eyJhbGciOi.hunter2.hunter2",
    );
    const { existence, registry } = await play({ both: refusal(403, body) });
    expect(
      existence.verdict === "unknown" && existence.detail?.replace(registry.host, "HOST"),
    ).toMatchInlineSnapshot(
      `"http://HOST/v2/app/manifests/v1 answered 403: DENIED see https://x.example/a?… or Bearer …"`,
    );
    expect(JSON.stringify(existence)).not.toContain("hunter2");
  });
});

describe("the network", () => {
  it("nothing listens", async () => {
    const port = await freePort();
    expect(await privateClient().exists(`127.0.0.1:${port}/app`)).toMatchObject({
      verdict: "unknown",
      reason: "refused",
      detail: `ECONNREFUSED 127.0.0.1:${port} while connecting`,
      hint: "nothing listens there: check host and port, and that the registry runs",
    });
  });

  it("a name that does not resolve", async () => {
    expect(await privateClient().exists("registry.invalid/app")).toMatchObject({
      verdict: "unknown",
      reason: "unresolved",
    });
  });

  it("names below localhost are loopback", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    expect(await privateClient().exists(`some.localhost:${registry.port}/app:v1`)).toMatchObject({
      verdict: "present",
    });
  });

  it("a server that never answers", async () => {
    const silent = createServer();
    onTestFinished(() => void silent.close());
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, "127.0.0.1", () => resolve((silent.address() as AddressInfo).port));
    });
    const limits = { connect: 40, headers: 40, total: 80, tries: 2 };
    expect(await privateClient({ limits }).exists(`127.0.0.1:${port}/app`)).toMatchObject({
      verdict: "unknown",
      reason: "timeout",
    });
  });

  it("a certificate that nobody vouches for is no reason for plain http", async () => {
    const { registry } = await running({ tls: true });
    putImage(registry, "app", { tags: ["v1"] });
    const existence = await privateClient().exists(`${registry.host}/app:v1`);
    expect(existence).toMatchObject({ verdict: "unknown", reason: "tls" });
    expect(existence.verdict === "unknown" && existence.hint).toContain(`certs.d/${registry.host}/ca.crt`);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
