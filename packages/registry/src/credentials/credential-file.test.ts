import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { credentialOf, findLogin, hostOfKey, parseCredentialFile } from "./credential-file.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");

function loginFor(auths: Record<string, unknown>, host: string, repository = "org/app"): unknown {
  const file = parseCredentialFile(JSON.stringify({ auths }));
  const login = file && findLogin(file, host, repository);
  return login && credentialOf(login, "f");
}

const basic = (username: string, password: string): unknown => ({
  kind: "basic",
  username,
  password,
  source: "f",
});

describe("keys", () => {
  it.each<[string, string]>([
    ["ghcr.io", "ghcr.io"],
    ["https://ghcr.io", "ghcr.io"],
    ["https://ghcr.io/v2/", "ghcr.io"],
    ["http://ghcr.io/v1", "ghcr.io"],
    ["GHCR.io", "ghcr.io"],
    ["ghcr.io/v2/", "ghcr.io"],
    ["https://index.docker.io/v1/", "docker.io"],
    ["index.docker.io", "docker.io"],
    ["docker.io", "docker.io"],
    ["localhost:5000", "localhost:5000"],
  ])("%s is for %s", (key, host) => {
    expect(loginFor({ [key]: { auth: encode("me:pw") } }, host)).toEqual(basic("me", "pw"));
  });

  it.each<[string, string]>([
    ["ghcr.io/other", "ghcr.io"],
    ["ghcr.io.evil.example", "ghcr.io"],
    ["evil.example/ghcr.io", "ghcr.io"],
    ["localhost:5001", "localhost:5000"],
  ])("%s is not for %s", (key, host) => {
    expect(loginFor({ [key]: { auth: encode("me:pw") } }, host)).toBeUndefined();
  });

  it("the longest path counts", () => {
    const auths = {
      "ghcr.io": { auth: encode("host:pw") },
      "ghcr.io/org": { auth: encode("org:pw") },
      "ghcr.io/org/app": { auth: encode("app:pw") },
      "ghcr.io/org/ap": { auth: encode("other:pw") },
      "https://ghcr.io/v2/": { auth: encode("url:pw") },
    };
    expect(loginFor(auths, "ghcr.io", "org/app")).toEqual(basic("app", "pw"));
    expect(loginFor(auths, "ghcr.io", "org/application")).toEqual(basic("org", "pw"));
    expect(loginFor(auths, "ghcr.io", "organic/app")).toEqual(basic("host", "pw"));
  });

  it("a key without a scheme that names a path is for that path", () => {
    expect(hostOfKey("ghcr.io/org")).toBeUndefined();
    expect(hostOfKey("https://ghcr.io/org")).toBe("ghcr.io");
  });
});

describe("entries", () => {
  it.each<[string, unknown, unknown]>([
    ["base64", { auth: encode("me:p:w") }, basic("me", "p:w")],
    ["base64 without padding", { auth: encode("me:pw1").replace(/=+$/, "") }, basic("me", "pw1")],
    ["trailing NULs", { auth: encode("me:pw\0\0") }, basic("me", "pw")],
    ["plain fields", { username: "me", password: "pw" }, basic("me", "pw")],
    [
      "an identity token",
      { auth: encode("0000:"), identitytoken: "t" },
      { kind: "identityToken", token: "t", source: "f" },
    ],
    ["a registry token", { registrytoken: "t" }, { kind: "token", token: "t", source: "f" }],
    ["{}", {}, undefined],
    ["no colon", { auth: encode("me") }, undefined],
    ["no user", { auth: encode(":pw") }, undefined],
    ["another type", { auth: 7 }, undefined],
    ["a list", [], undefined],
  ])("%s", (_, entry, expected) => {
    expect(loginFor({ "ghcr.io": entry }, "ghcr.io")).toEqual(expected);
  });

  it("~/.dockercfg has them at its top", () => {
    const file = parseCredentialFile(
      JSON.stringify({ "https://index.docker.io/v1/": { auth: encode("me:pw") } }),
      true,
    );
    expect(file && findLogin(file, "docker.io", "library/alpine")).toEqual({ auth: encode("me:pw") });
  });
});

describe("every text", () => {
  it("is a file or none", () => {
    const entry = fc.record({ auth: fc.string(), identitytoken: fc.anything() }, { requiredKeys: [] });
    const file = fc.record(
      {
        auths: fc.oneof(fc.anything(), fc.dictionary(fc.string(), entry)),
        credHelpers: fc.anything(),
        credsStore: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          file.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const parsed = parseCredentialFile(text);
          const login = parsed && findLogin(parsed, "ghcr.io", "org/app");
          if (login)
            expect(["basic", "identityToken", "token", undefined]).toContain(credentialOf(login, "f")?.kind);
          for (const name of Object.values(parsed?.credHelpers ?? {})) expect(typeof name).toBe("string");
        },
      ),
      { numRuns: 3000 },
    );
  });
});
