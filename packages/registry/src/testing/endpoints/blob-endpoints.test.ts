import { expect, test } from "vitest";
import { digestOf } from "../store/digest.ts";
import { running } from "../test-support/running.ts";

const content = "0123456789";
const digest = digestOf(content);
const path = `/v2/org/app/blobs/${digest}`;

test("a blob is read whole, by its size and in part", async () => {
  const { registry, ask } = await running();
  registry.putBlob("org/app", content);
  const whole = await ask(`GET ${path}`);
  expect(whole).toMatchObject({
    status: 200,
    text: content,
    headers: { "docker-content-digest": digest, "content-length": "10", "accept-ranges": "bytes" },
  });
  expect(await ask(`HEAD ${path}`)).toMatchObject({
    status: 200,
    text: "",
    headers: { "content-length": "10" },
  });
  expect(await ask(`GET ${path}`, { headers: { range: "bytes=2-4" } })).toMatchObject({
    status: 206,
    text: "234",
    headers: { "content-range": "bytes 2-4/10", "content-length": "3" },
  });
  expect(await ask(`GET ${path}`, { headers: { range: "bytes=10-" } })).toMatchObject({
    status: 416,
    headers: { "content-range": "bytes */10" },
  });
});

test("conditions are heeded", async () => {
  const { registry, ask } = await running();
  registry.putBlob("org/app", content);
  const unchanged = { "if-none-match": `W/"other", "${digest}"` };
  expect(await ask(`GET ${path}`, { headers: unchanged })).toMatchObject({ status: 304, text: "" });
  const range = { range: "bytes=0-1" };
  expect((await ask(`GET ${path}`, { headers: { ...range, "if-range": `"${digest}"` } })).text).toBe("01");
  expect((await ask(`GET ${path}`, { headers: { ...range, "if-range": '"other"' } })).text).toBe(content);
});

test("a blob is in its own repository alone", async () => {
  const { registry, ask } = await running();
  registry.putBlob("org/app", content);
  expect(await ask(`GET /v2/org/other/blobs/${digest}`)).toMatchObject({
    status: 404,
    codes: ["BLOB_UNKNOWN"],
  });
  expect(await ask("GET /v2/org/app/blobs/sha256:abc")).toMatchObject({
    status: 400,
    codes: ["DIGEST_INVALID"],
  });
  expect(await ask(`GET /v2/Org/app/blobs/${digest}`)).toMatchObject({
    status: 400,
    codes: ["NAME_INVALID"],
  });
});

test("a blob is deleted once", async () => {
  const { registry, ask } = await running();
  registry.putBlob("org/app", content);
  expect((await ask(`DELETE ${path}`)).status).toBe(202);
  expect(await ask(`DELETE ${path}`)).toMatchObject({ status: 404, codes: ["BLOB_UNKNOWN"] });
  expect((await ask(`HEAD ${path}`)).status).toBe(404);
});

test("nothing is deleted where that is turned off", async () => {
  const { registry, ask } = await running({ deletes: false });
  registry.putBlob("org/app", content);
  expect(await ask(`DELETE ${path}`)).toMatchObject({ status: 405, codes: ["UNSUPPORTED"] });
  expect(registry.blob("org/app", digest)).toEqual(Buffer.from(content));
});

test("a method that a path lacks is refused with those it has", async () => {
  const { ask } = await running();
  expect(await ask(`PUT ${path}`)).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, DELETE" } });
});
