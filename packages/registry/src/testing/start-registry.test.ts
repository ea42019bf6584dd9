import { Agent } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { putImage } from "./put-image.ts";
import { startRegistry } from "./start-registry.ts";
import { digestOf } from "./store/digest.ts";
import { running } from "./test-support/running.ts";
import { basic, send } from "./test-support/send.ts";

test("listens on loopback alone, on a port of its own", async () => {
  const { registry } = await running();
  expect(registry.url).toBe(`http://127.0.0.1:${registry.port}`);
  const other = await running({ address: "::1" });
  expect(other.registry.host).toBe(`[::1]:${other.registry.port}`);
  expect((await other.ask("GET /v2/")).text).toBe("{}");
  await expect(startRegistry({ address: "0.0.0.0" as "::1" })).rejects.toMatchObject({
    code: "REGISTRY_OPTION_INVALID",
  });
});

test("a port that is taken is said to be", async () => {
  const { registry } = await running();
  await expect(startRegistry({ port: registry.port })).rejects.toMatchObject({
    code: "REGISTRY_PORT_UNAVAILABLE",
    details: { hint: "Choose another port, or none for a free one." },
  });
});

test("close ends idle connections, delayed requests and endless bodies, and can be called again", async () => {
  const registry = await startRegistry();
  const idle = connect(registry.port, "127.0.0.1");
  const ended = new Promise((resolve) => idle.once("close", resolve));
  const agent = new Agent({ keepAlive: true });
  await send(registry.url, "GET /v2/", { agent });
  const delay = registry.addFault({ fault: { kind: "delay" }, path: "/v2/delayed" });
  const endless = registry.addFault({ fault: { kind: "endless-body" }, path: "/v2/" });
  const open = [send(registry.url, "GET /v2/delayed"), send(registry.url, "GET /v2/")];
  await Promise.all([delay.reached(), endless.reached()]);
  const outcomes = Promise.allSettled(open);
  await registry.close();
  await registry.close();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await ended;
  await expect(send(registry.url, "GET /v2/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  agent.destroy();
});

test("requests are remembered with their connection, without their secrets", async () => {
  const { registry, ask } = await running();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { authorization = "" } = basic("alice", "s3cret");
  const headers = { authorization, cookie: "session" };
  await ask("GET /v2/?n=1", { agent, headers });
  await ask("HEAD /v2/none", { agent });
  await ask("GET /v2/");
  agent.destroy();
  expect(registry.requests).toMatchObject([
    {
      method: "GET",
      path: "/v2/?n=1",
      connection: 1,
      status: 200,
      headers: { authorization: "Basic <redacted>", cookie: "<redacted>" },
    },
    { method: "HEAD", path: "/v2/none", connection: 1, status: 404 },
    { method: "GET", path: "/v2/", connection: 2, status: 200 },
  ]);
  registry.clearRequests();
  expect(registry.requests).toEqual([]);
  const open = await running({ keepAuthorization: true });
  await open.ask("GET /v2/", { headers });
  expect(open.registry.requests[0]?.headers.authorization).toBe(authorization);
});

test("what is put in without a request is there, by the rules of a push", async () => {
  const { registry, ask } = await running();
  const digest = registry.putBlob("org/app", "x");
  expect(digest).toBe(digestOf("x"));
  expect(registry.blob("org/app", digest)).toEqual(Buffer.from("x"));
  expect((await ask(`GET /v2/org/app/blobs/${digest}`)).text).toBe("x");
  expect(() => registry.putBlob("Org", "x")).toThrow("invalid repository name");
  expect(() => registry.putManifest("org/app", { manifest: { mediaType: "a/b" } })).toThrow(
    "schemaVersion is not 2",
  );
  expect(registry.manifest("org/app", "none")).toBeUndefined();
  expect(registry.tags("none")).toEqual([]);
});

test("an image of one platform, and of several", async () => {
  const { registry, ask } = await running();
  const one = putImage(registry, "org/app", { tags: ["one"], config: { Env: ["A=b"] }, format: "docker" });
  expect((await ask("HEAD /v2/org/app/manifests/one")).headers["docker-content-digest"]).toBe(one.digest);
  expect(one.platforms).toEqual([{ platform: "linux/amd64", digest: one.digest }]);
  const many = putImage(registry, "org/app", { tags: ["many"], platforms: ["linux/amd64", "linux/arm/v7"] });
  const index = JSON.parse((await ask("GET /v2/org/app/manifests/many")).text) as { manifests: unknown[] };
  expect(index.manifests).toMatchObject([
    { platform: { os: "linux", architecture: "amd64" } },
    { digest: many.platforms[1]?.digest, platform: { os: "linux", architecture: "arm", variant: "v7" } },
  ]);
  expect(registry.tags("org/app")).toEqual(["many", "one"]);
});

test("whatever is asked is answered, and never as a fault of the registry", async () => {
  const { registry } = await running();
  const image = putImage(registry, "org/app", { tags: ["v1"] });
  const piece = fc.constantFrom(
    ...[
      "/",
      "v2/",
      "org/app/",
      "blobs/",
      "uploads/",
      "manifests/",
      "v1",
      "tags/list",
      "referrers/",
      "_catalog",
      "..",
      "%2F",
    ],
    ...[
      "%",
      "?n=",
      "&last=",
      "?digest=",
      "?mount=",
      "&from=",
      image.digest,
      "sha256:",
      "token",
      "9",
      "-1",
      "\u007e",
    ],
  );
  const target = fc.array(piece, { maxLength: 8 }).map((parts) => `/v2/${parts.join("")}`);
  const method = fc.constantFrom(
    "GET",
    "HEAD",
    "PUT",
    "POST",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PURGE",
  );
  const header = fc.stringMatching(/^[ -~]{0,40}$/);
  const headers = fc.record(
    {
      range: header,
      "content-range": header,
      accept: header,
      "content-type": header,
      authorization: header,
      "if-none-match": header,
    },
    { requiredKeys: [] },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  await fc.assert(
    fc.asyncProperty(method, target, headers, fc.string(), async (verb, path, fields, body) => {
      const sending = { agent, headers: fields as Record<string, string>, body };
      const { status } = await send(registry.url, `${verb} ${path}`, sending);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 1500 },
  );
  agent.destroy();
});
