import * as http from "node:http";
import { afterEach, expect, test } from "vitest";
import { portOf } from "../../../test/support/fake-engine.ts";
import { findProjectFile } from "./python-index.ts";

const signal = new AbortController().signal;
const servers: http.Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function serve(answer: http.RequestListener): Promise<URL> {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${portOf(server)}/simple`);
}

test("reads a page of JSON", async () => {
  const url = await serve((request, response) => {
    expect(request.url).toBe("/simple/uv/");
    expect(request.headers.accept).toContain("application/vnd.pypi.simple.v1+json");
    response.setHeader("content-type", "application/vnd.pypi.simple.v1+json");
    response.end(JSON.stringify({ files: [{ url: "https://files.example/a/uv-1.whl" }, { url: 5 }, null] }));
  });
  expect(String(await findProjectFile({ url, signal }, "uv", "uv-1.whl"))).toBe(
    "https://files.example/a/uv-1.whl",
  );
  expect(await findProjectFile({ url, signal }, "uv", "uv-2.whl")).toBeUndefined();
});

test("reads a page of HTML, with relative addresses, fragments and escapes", async () => {
  const url = await serve((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<a data-x="1" href='../../files/uv-1%2Bcpu.whl?a=1&amp;b=2#sha256=0'>uv</a><A HREF="x/other.whl">o</A>`,
    );
  });
  const found = await findProjectFile({ url, signal }, "uv", "uv-1+cpu.whl");
  expect(found?.pathname).toBe("/files/uv-1%2Bcpu.whl");
  expect(found?.search).toBe("?a=1&b=2");
});

test("a project that the index does not have, and an index that refuses", async () => {
  const url = await serve((request, response) =>
    response.writeHead(request.url === "/simple/uv/" ? 404 : 403).end(),
  );
  expect(await findProjectFile({ url, signal }, "uv", "x")).toBeUndefined();
  await expect(findProjectFile({ url, signal }, "other", "x")).rejects.toThrow(/answers 403/);
});

test("a login goes to the index's own host and not where that redirects to", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("{}");
  });
  other.hostname = "localhost";
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: String(other) }).end();
  });
  await findProjectFile({ url, signal, login: "me:p:w" }, "uv", "x");
  expect(seen).toEqual([`Basic ${Buffer.from("me:p:w").toString("base64")}`, undefined]);
});

test("redirects without end, and to a file, are not followed", async () => {
  const endless = await serve((request, response) =>
    response.writeHead(302, { location: request.url }).end(),
  );
  await expect(findProjectFile({ url: endless, signal }, "uv", "x")).rejects.toThrow(/without end/);
  const file = await serve((_, response) =>
    response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  await expect(findProjectFile({ url: file, signal }, "uv", "x")).rejects.toThrow(/not followed/);
});
