import { expect, test } from "vitest";
import { running } from "../test-support/running.ts";
import { basic } from "../test-support/send.ts";
import type { BasicAuth } from "./auth-options.ts";
import { readBasic } from "./users.ts";

const auth: BasicAuth = { kind: "basic", realm: 'the "lab"', users: { alice: "s3:cret", "": "empty" } };

test("nobody comes in without a password, or with a wrong one", async () => {
  const { ask } = await running({ auth });
  for (const headers of [
    {},
    basic("alice", "other"),
    basic("bob", "s3:cret"),
    basic("toString", ""),
    { authorization: "Basic !" },
  ]) {
    const refused = await ask("GET /v2/", { headers });
    expect(refused).toMatchObject({ status: 401, codes: ["UNAUTHORIZED"] });
    expect(refused.headers["www-authenticate"]).toBe('Basic realm="the \\"lab\\""');
  }
  expect((await ask("GET /v2/", { headers: basic("alice", "s3:cret") })).status).toBe(200);
});

test("a rule can let anyone pull, and a user pull alone", async () => {
  const { registry, ask } = await running({ auth: { ...auth, allow: ({ action }) => action === "pull" } });
  const digest = registry.putBlob("org/app", "x");
  expect((await ask(`GET /v2/org/app/blobs/${digest}`)).status).toBe(200);
  expect((await ask("POST /v2/org/app/blobs/uploads/")).status).toBe(401);
  expect((await ask("GET /v2/")).status).toBe(401);
  const headers = basic("alice", "s3:cret");
  expect(await ask("POST /v2/org/app/blobs/uploads/", { headers })).toMatchObject({
    status: 403,
    codes: ["DENIED"],
  });
  expect((await ask(`GET /v2/org/app/blobs/${digest}`, { headers: basic("alice", "wrong") })).status).toBe(
    401,
  );
});

test.each([
  ["Basic YWxpY2U6czM6Y3JldA==", { user: "alice", password: "s3:cret" }],
  ["basic  YWxpY2U6czM6Y3JldA", { user: "alice", password: "s3:cret" }],
  ["Basic", undefined],
  ["Bearer YWxpY2U6czM6Y3JldA==", undefined],
  [undefined, undefined],
])("%s", (header, expected) => {
  expect(readBasic(header)).toEqual(expected);
});
