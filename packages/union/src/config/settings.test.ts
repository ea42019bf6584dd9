import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseApiKey } from "./api-key.ts";
import { organizationOf, parseEndpoint } from "./endpoint.ts";
import type { Environment } from "./find-config.ts";
import { loadSettings } from "./settings.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
});
afterEach(() => rm(cwd, { recursive: true }));

async function write(place: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(cwd, place)), { recursive: true });
  await writeFile(path.join(cwd, place), text);
}

const load = (env: Environment = {}, options = {}) =>
  loadSettings({ options, cwd: path.join(cwd, "work"), env: { HOME: path.join(cwd, "home"), ...env } });
const admin = (host: string) => `admin:\n  endpoint: dns:///${host}\n`;

describe("endpoints", () => {
  test.each([
    ["localhost:8090", true, "http://localhost:8090"],
    ["dns:///localhost:8090", true, "http://localhost:8090"],
    ["http://localhost:8090", false, "http://localhost:8090"],
    ["https://localhost:8090", true, "http://localhost:8090"],
    ["dns:///org.hosted.example", false, "https://org.hosted.example"],
    ["org.hosted.example:443", false, "https://org.hosted.example"],
  ])("%s, insecure: %s", (text, insecure, origin) => {
    expect(parseEndpoint(text, insecure).origin).toBe(origin);
  });
  test.each(["", "a b", "https://user@host", "host/path", "https://host/?q=1"])("%j is none", (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "UNION_ENDPOINT_INVALID" }));
  });
  test.each([
    ["org.hosted.example", "org"],
    ["hosted.example", ""],
    ["localhost:8090", ""],
    ["10.0.0.1", ""],
  ])("the organisation of %s is %j", (text, org) => {
    expect(organizationOf(parseEndpoint(text))).toBe(org);
  });
});

describe("API keys", () => {
  const part = fc.stringMatching(/^[\w-]{1,20}$/);
  const endpoint = fc.oneof(
    part,
    part.map((host) => `dns:///${host}`),
    part.map((host) => `${host}:8090`),
  );
  test("are read from the right", () => {
    fc.assert(
      fc.property(endpoint, part, part, part, (...parts) => {
        const [address, clientId, clientSecret, org] = parts;
        const key = parseApiKey(Buffer.from(parts.join(":")).toString("base64"), "KEY");
        expect(key).toEqual({ endpoint: address, clientId, clientSecret, org: org === "None" ? "" : org });
      }),
    );
  });
  test("that are none show nothing of themselves", () => {
    expect(() => parseApiKey("hunter22", "FLYTE_API_KEY")).toThrowErrorMatchingInlineSnapshot(
      `[ImageSpecError: FLYTE_API_KEY does not hold an API key]`,
    );
  });
});

describe("the search", () => {
  test("each place in its turn", async () => {
    await write("home/.flyte/config.yaml", admin("eighth"));
    await write("home/.union/config.yaml", admin("seventh"));
    expect((await load()).endpoint.host).toBe("seventh");
    await write("flytectl.yaml", admin("sixth"));
    await write("uctl.yaml", admin("fifth"));
    const FLYTECTL_CONFIG = path.join(cwd, "flytectl.yaml");
    expect((await load({ FLYTECTL_CONFIG })).endpoint.host).toBe("sixth");
    const env = { FLYTECTL_CONFIG, UCTL_CONFIG: path.join(cwd, "uctl.yaml") };
    expect((await load(env)).endpoint.host).toBe("fifth");
    await write(".git/HEAD", "");
    await write(".flyte/config.yaml", admin("third"));
    expect((await load(env)).endpoint.host).toBe("third");
    await write("work/.flyte/config.yaml", admin("second"));
    expect((await load(env)).endpoint.host).toBe("second");
    await write("work/config.yaml", admin("first"));
    expect((await load(env)).endpoint.host).toBe("first");
  });

  test("variables win over the file, options over both", async () => {
    await write("work/config.yaml", `${admin("file")}task:\n  project: p\n  domain: d\n  org: o\n`);
    expect(await load()).toMatchObject({ project: "p", domain: "d", org: "o", taskDomain: "production" });
    expect((await load({ FLYTE_ADMIN_ENDPOINT: "variable" })).endpoint.host).toBe("variable");
    const options = { endpoint: "option", insecure: true, project: "q" };
    const settings = await load(
      { FLYTE_ADMIN_ENDPOINT: "variable", FLYTE_IMAGEBUILDER_TASK_DOMAIN: "x" },
      options,
    );
    expect(settings).toMatchObject({ project: "q", taskDomain: "x", signIn: { kind: "none" } });
    expect(settings.endpoint.origin).toBe("http://option");
  });

  test.each([
    ["nothing", undefined, "UNION_CONFIG_MISSING"],
    ["what is not YAML", "secret: [hunter22", "UNION_CONFIG_INVALID"],
    ["a list", "- hunter22", "UNION_CONFIG_INVALID"],
    ["a sign-in that nobody knows", `${admin("h")}  authType: Magic\n`, "UNION_CONFIG_INVALID"],
    [
      "a client without a secret",
      `${admin("h")}  authType: ClientSecret\n  clientId: c\n`,
      "UNION_CONFIG_INVALID",
    ],
    ["a certificate that is not there", `${admin("h")}  caCertFilePath: /none\n`, "UNION_CONFIG_INVALID"],
  ])("%s", async (_about, text, code) => {
    if (text !== undefined) await write("work/config.yaml", text);
    const error = await load().catch((fault: unknown) => fault as Error);
    expect(error).toMatchObject({ code, details: { hint: expect.any(String) } });
    expect(String(error)).not.toContain("hunter22");
  });
});
