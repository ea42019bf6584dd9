import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { proxyArguments } from "./docker-config.ts";
import { findEndpoint } from "./endpoint.ts";

let home = "";

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "imagespec-home-"));
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function write(path: string, content: unknown): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function writeContext(config: string, name: string, endpoint: object): Promise<string> {
  const id = createHash("sha256").update(name).digest("hex");
  await write(`${config}/contexts/meta/${id}/meta.json`, { Name: name, Endpoints: { docker: endpoint } });
  return `${config}/contexts/tls/${id}/docker`;
}

/** The endpoint for these variables and the config folder of that name. */
function find(config: string, variables: Record<string, string> = {}) {
  return findEndpoint({ HOME: home, DOCKER_CONFIG: join(home, config), ...variables });
}

test.each([
  ["unix:///run/user/1000/docker.sock", { kind: "unix", path: "/run/user/1000/docker.sock" }],
  ["tcp://10.0.0.5:2375", { kind: "tcp", host: "10.0.0.5", port: 2375, tls: undefined }],
  ["tcp://build.example", { kind: "tcp", host: "build.example", port: 2375 }],
  ["tcp://build.example:80", { kind: "tcp", host: "build.example", port: 80 }],
  ["build.example:4243", { kind: "tcp", host: "build.example", port: 4243 }],
  ["tcp://[::1]:2375/", { kind: "tcp", host: "[::1]", port: 2375 }],
  ["https://build.example", { kind: "tcp", host: "build.example", port: 2376, tls: { verify: true } }],
])("DOCKER_HOST=%s", async (DOCKER_HOST, expected) => {
  expect(await find("none", { DOCKER_HOST })).toMatchObject({ ...expected, source: "DOCKER_HOST" });
});

test.each([
  "unix://relative",
  "ftp://host",
  "tcp://",
  "tcp://host:99999",
  "tcp://user:secret@host",
  "tcp://host/path",
  "a b",
  "ssh://-oProxyCommand=x@host",
  "ssh://user:secret@host",
  "ssh://",
])("DOCKER_HOST=%s is no address", async (DOCKER_HOST) => {
  const error = await find("none", { DOCKER_HOST }).catch((fault: unknown) => fault);
  expect(error).toMatchObject({ code: "ENGINE_ADDRESS_INVALID", details: { hint: expect.any(String) } });
  expect(String(error)).not.toContain("secret");
});

test.each([
  ["ssh://me@build.example:22", ["-l", "me", "-p", "22", "--", "build.example"], undefined],
  ["ssh://build.example/run/docker.sock", ["--", "build.example"], "/run/docker.sock"],
  ["ssh://[::1]", ["--", "::1"], undefined],
])("DOCKER_HOST=%s is reached by ssh", async (DOCKER_HOST, words, path) => {
  expect(await find("none", { DOCKER_HOST })).toMatchObject({ kind: "ssh", arguments: words, path });
});

test("DOCKER_TLS_VERIFY takes its files from DOCKER_CERT_PATH, else from docker's own folder", async () => {
  await Promise.all(["ca", "cert", "key"].map((name) => write(`certs/${name}.pem`, `${name} 1`)));
  await write("tls/ca.pem", "ca 2");
  const variables = { DOCKER_HOST: "tcp://build.example", DOCKER_TLS_VERIFY: "1" };
  expect(await find("tls", { ...variables, DOCKER_CERT_PATH: join(home, "certs") })).toMatchObject({
    port: 2376,
    tls: { verify: true, ca: Buffer.from("ca 1"), cert: Buffer.from("cert 1"), key: Buffer.from("key 1") },
  });
  expect(await find("tls", variables)).toMatchObject({ tls: { ca: Buffer.from("ca 2"), cert: undefined } });
  expect(await find("none", { ...variables, DOCKER_TLS_VERIFY: "", DOCKER_TLS: "1" })).toMatchObject({
    tls: { verify: false },
  });
});

test("a context is named by DOCKER_CONTEXT, else by config.json; DOCKER_HOST counts before both", async () => {
  await writeContext("contexts", "lab", { Host: "tcp://lab.example:2375", SkipTLSVerify: false });
  const files = await writeContext("contexts", "prod", {
    Host: "tcp://prod.example:2376",
    SkipTLSVerify: true,
  });
  await write(`${files}/ca.pem`, "ca");
  await write("contexts/config.json", { currentContext: "lab" });
  expect(await find("contexts")).toMatchObject({
    host: "lab.example",
    tls: undefined,
    source: "docker context lab",
  });
  expect(await find("contexts", { DOCKER_CONTEXT: "prod" })).toMatchObject({
    host: "prod.example",
    tls: { verify: false, ca: Buffer.from("ca") },
  });
  const DOCKER_HOST = "unix:///x.sock";
  expect(await find("contexts", { DOCKER_CONTEXT: "prod", DOCKER_HOST })).toMatchObject({ path: "/x.sock" });
});

test("a context that is not there and a config that is no JSON are named", async () => {
  await expect(find("none", { DOCKER_CONTEXT: "gone" })).rejects.toMatchObject({
    code: "DOCKER_CONTEXT_NOT_FOUND",
  });
  const file = await write("broken/config.json", "{");
  await expect(find("broken")).rejects.toMatchObject({ code: "DOCKER_CONFIG_INVALID", details: { file } });
});

test("without all of these the usual sockets are looked for", async () => {
  await write("config/config.json", { currentContext: "default" });
  const XDG_RUNTIME_DIR = join(home, "run");
  const socket = await write("run/docker.sock", "");
  const found = await find("config", { XDG_RUNTIME_DIR });
  expect(found).toMatchObject({ kind: "unix", source: "default" });
  expect([socket, "/var/run/docker.sock"]).toContain((found as { path: string }).path);
});

test("proxies of docker's config become build arguments, those of the engine's own entry first", async () => {
  const proxies = {
    default: { httpProxy: "http://a" },
    "tcp://build.example": { noProxy: "b", other: 5, allProxy: "" },
  };
  await write("proxies/config.json", { proxies });
  const environment = { HOME: home, DOCKER_CONFIG: join(home, "proxies") };
  expect(await proxyArguments(environment, "unix:///x")).toEqual({
    HTTP_PROXY: "http://a",
    http_proxy: "http://a",
  });
  expect(await proxyArguments(environment, "tcp://build.example")).toEqual({ NO_PROXY: "b", no_proxy: "b" });
  expect(await proxyArguments({ HOME: home, DOCKER_CONFIG: join(home, "none") }, "unix:///x")).toEqual({});
});
