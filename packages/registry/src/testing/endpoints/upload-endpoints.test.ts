import { connect } from "node:net";
import { expect, test } from "vitest";
import { digestOf } from "../store/digest.ts";
import { type Running, running } from "../test-support/running.ts";

const octets = { "content-type": "application/octet-stream" };

async function open({ ask }: Running, name = "org/app"): Promise<string> {
  return (await ask(`POST /v2/${name}/blobs/uploads/`)).headers.location ?? "";
}

test("POST, then PUT", async () => {
  const server = await running();
  const started = await server.ask("POST /v2/org/app/blobs/uploads/");
  expect(started).toMatchObject({ status: 202, headers: { range: "0-0", "content-length": "0" } });
  const { location } = started.headers;
  expect(location).toMatch(new RegExp(`^${server.registry.url}/v2/org/app/blobs/uploads/[0-9a-f-]{36}$`));
  const done = await server.ask(`PUT ${location}?digest=${digestOf("hello")}`, {
    body: "hello",
    headers: octets,
  });
  expect(done).toMatchObject({ status: 201, headers: { "docker-content-digest": digestOf("hello") } });
  expect((await server.ask(`GET ${done.headers.location}`)).text).toBe("hello");
  expect(await server.ask(`GET ${location}`)).toMatchObject({ status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] });
});

test("one POST with everything", async () => {
  const { ask } = await running();
  const target = `POST /v2/org/app/blobs/uploads/?digest=${digestOf("hello")}`;
  expect((await ask(target, { body: "hello", headers: octets })).status).toBe(201);
  expect(await ask(target, { body: "other" })).toMatchObject({ status: 400, codes: ["DIGEST_INVALID"] });
  expect((await ask(`GET /v2/org/app/blobs/${digestOf("hello")}`)).text).toBe("hello");
});

test("chunks in order, the last with the closing PUT", async () => {
  const server = await running({ relativeLocations: true });
  const location = await open(server);
  expect(location).toMatch(/^\/v2\//);
  const first = await server.ask(`PATCH ${location}`, { body: "hel", headers: { "content-range": "0-2" } });
  expect(first).toMatchObject({ status: 202, headers: { range: "0-2" } });
  expect(await server.ask(`GET ${location}`)).toMatchObject({
    status: 204,
    headers: { range: "0-2", location },
  });
  const last = { body: "lo", headers: { "content-range": "3-4" } };
  expect((await server.ask(`PUT ${location}?digest=${digestOf("hello")}`, last)).status).toBe(201);
});

test("chunks without Content-Range are appended", async () => {
  const server = await running();
  const location = await open(server);
  await server.ask(`PATCH ${location}`, { body: "hel" });
  expect((await server.ask(`PATCH ${location}`, { body: "lo" })).headers.range).toBe("0-4");
  expect((await server.ask(`PUT ${location}?digest=${digestOf("hello")}`)).status).toBe(201);
});

test.each([
  ["a gap", "5-7", 416, "BLOB_UPLOAD_INVALID"],
  ["an overlap", "0-2", 416, "BLOB_UPLOAD_INVALID"],
  ["no range", "bytes", 416, "BLOB_UPLOAD_INVALID"],
  ["another length", "3-9", 400, "SIZE_INVALID"],
])("a chunk with %s is refused and changes nothing", async (_, range, status, code) => {
  const server = await running();
  const location = await open(server);
  await server.ask(`PATCH ${location}`, { body: "hel" });
  const chunk = { body: "lol", headers: { "content-range": range } };
  expect(await server.ask(`PATCH ${location}`, chunk)).toMatchObject({ status, codes: [code] });
  expect((await server.ask(`GET ${location}`)).headers.range).toBe("0-2");
});

test("a chunk of unknown length must have the length of its range", async () => {
  const server = await running();
  const location = new URL(await open(server));
  const socket = connect(server.registry.port, "127.0.0.1").setEncoding("latin1");
  socket.end(
    `PATCH ${location.pathname} HTTP/1.1\r\nHost: ${location.host}\r\nContent-Range: 0-9\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  );
  const [answer = ""] = await socket.toArray();
  expect(answer).toContain("HTTP/1.1 400 ");
  expect((await server.ask(`GET ${location}`)).headers.range).toBe("0-0");
});

test("what arrived before the connection broke stays, and the client goes on from there", async () => {
  const server = await running();
  const location = new URL(await open(server));
  const socket = connect(server.registry.port, "127.0.0.1");
  socket.write(
    `PATCH ${location.pathname} HTTP/1.1\r\nHost: ${location.host}\r\nContent-Length: 10\r\nContent-Range: 0-9\r\n\r\nhel`,
  );
  await expect.poll(async () => (await server.ask(`GET ${location}`)).headers.range).toBe("0-2");
  socket.destroy();
  const rest = { body: "lo", headers: { "content-range": "3-4" } };
  await expect.poll(async () => (await server.ask(`PATCH ${location}`, rest)).status).toBe(202);
  expect((await server.ask(`PUT ${location}?digest=${digestOf("hello")}`)).status).toBe(201);
});

test.each([
  ["no digest", "", "DIGEST_INVALID"],
  ["a malformed one", "?digest=sha256:abc", "DIGEST_INVALID"],
  ["an algorithm that is not known", "?digest=md5:d41d8cd98f00b204e9800998ecf8427e", "DIGEST_INVALID"],
])("closing with %s is refused, and can be done again", async (_, query, code) => {
  const server = await running();
  const location = await open(server);
  expect(await server.ask(`PUT ${location}${query}`, { body: "x" })).toMatchObject({
    status: 400,
    codes: [code],
  });
  expect((await server.ask(`PUT ${location}?digest=${digestOf("x")}`, { body: "x" })).status).toBe(201);
});

test("closing with the digest of something else ends the upload", async () => {
  const server = await running();
  const location = await open(server);
  const target = `PUT ${location}?digest=${digestOf("other")}`;
  expect(await server.ask(target, { body: "x" })).toMatchObject({ status: 400, codes: ["DIGEST_INVALID"] });
  expect((await server.ask(`GET ${location}`)).status).toBe(404);
  expect((await server.ask(`HEAD /v2/org/app/blobs/${digestOf("other")}`)).status).toBe(404);
});

test("sha512 digests", async () => {
  const server = await running();
  const location = await open(server);
  const digest = digestOf("x", "sha512");
  expect(
    (await server.ask(`PUT ${location}?digest=${digest}`, { body: "x" })).headers["docker-content-digest"],
  ).toBe(digest);
  expect((await server.ask(`GET /v2/org/app/blobs/${digest}`)).text).toBe("x");
  const unknown = await server.ask("POST /v2/org/app/blobs/uploads/?digest-algorithm=md5");
  expect(unknown).toMatchObject({ status: 400, codes: ["DIGEST_INVALID"] });
});

test("an upload is cancelled once, and known in its own repository alone", async () => {
  const server = await running();
  const location = await open(server);
  const elsewhere = location.replace("org/app", "org/other");
  expect((await server.ask(`GET ${elsewhere}`)).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  expect((await server.ask(`DELETE ${location}`)).status).toBe(204);
  expect((await server.ask(`DELETE ${location}`)).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
});

test("a mount takes the blob from the other repository, or else starts an upload", async () => {
  const { registry, ask } = await running();
  const digest = registry.putBlob("org/base", "layer");
  const mount = `POST /v2/org/app/blobs/uploads/?mount=${digest}`;
  expect((await ask(mount)).status).toBe(202);
  expect((await ask(`${mount}&from=org/none`)).status).toBe(202);
  expect((await ask(`${mount}&from=org/base`)).headers.location).toBe(
    `${registry.url}/v2/org/app/blobs/${digest}`,
  );
  expect((await ask(`GET /v2/org/app/blobs/${digest}`)).text).toBe("layer");
});

test("a blob beyond the limit is refused while it comes", async () => {
  const server = await running({ maxBlobBytes: 4 });
  const location = await open(server);
  const refused = await server.ask(`PATCH ${location}`, { body: "hello" });
  expect(refused).toMatchObject({ status: 413, codes: ["SIZE_INVALID"] });
});
