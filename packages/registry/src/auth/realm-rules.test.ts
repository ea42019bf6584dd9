import { describe, expect, it } from "vitest";
import { RegistryFault } from "../registry-fault.ts";
import { judgeRealm } from "./realm-rules.ts";

type Case = Readonly<{
  realm: string;
  registry: string;
  withCredentials?: boolean;
  trusted?: readonly string[];
}>;

async function verdict({ realm, registry, withCredentials = true, trusted = [] }: Case): Promise<string> {
  try {
    const { url } = await judgeRealm({ realm, registry: new URL(registry), withCredentials, trusted });
    return url.href;
  } catch (error) {
    if (error instanceof RegistryFault) return `${error.reason}: ${error.message}`;
    throw error;
  }
}

const public1 = "https://8.8.8.8/v2/a/manifests/b";

describe("a token server is asked", () => {
  it.each<[string, Case, string]>([
    [
      "the registry's own",
      { realm: "https://8.8.8.8/token?a=1", registry: public1 },
      "https://8.8.8.8/token?a=1",
    ],
    ["a relative one", { realm: "/token", registry: public1 }, "https://8.8.8.8/token"],
    [
      "over http where the registry is",
      { realm: "http://127.0.0.1:5001/token", registry: "http://127.0.0.1:5000/v2/" },
      "http://127.0.0.1:5001/token",
    ],
    [
      "private for private, without credentials",
      { realm: "https://10.0.0.2/token", registry: "https://10.0.0.1/v2/", withCredentials: false },
      "https://10.0.0.2/token",
    ],
    [
      "one that the configuration names by host",
      { realm: "https://10.0.0.2/token", registry: public1, trusted: ["10.0.0.2"] },
      "https://10.0.0.2/token",
    ],
    [
      "one that the configuration names by URL, even over http",
      { realm: "http://10.0.0.2/auth/token", registry: public1, trusted: ["http://10.0.0.2/auth/"] },
      "http://10.0.0.2/auth/token",
    ],
    [
      "another public one, without credentials",
      { realm: "https://1.1.1.1/t", registry: public1, withCredentials: false },
      "https://1.1.1.1/t",
    ],
  ])("%s", async (_, question, expected) => {
    expect(await verdict(question)).toBe(expected);
  });

  it.each([
    ["auth.docker.io", "registry-1.docker.io"],
    ["gitlab.example.com", "registry.example.com"],
    ["gitlab.example.co.uk", "registry.example.co.uk"],
    ["gitlab.com", "registry.other.example"],
  ])("%s for %s, with credentials", async (realm, registry) => {
    expect(await verdict({ realm: `https://${realm}/jwt/auth`, registry: `https://${registry}/v2/` })).toBe(
      `https://${realm}/jwt/auth`,
    );
  });
});

describe("a token server is refused", () => {
  it.each<[string, Case]>([
    ["on another host, with credentials", { realm: "https://1.1.1.1/token", registry: public1 }],
    [
      "on another domain",
      { realm: "https://evil.example/token", registry: "https://registry.example.com/v2/" },
    ],
    [
      "where only the public suffix is shared",
      { realm: "https://evil.co.uk/token", registry: "https://good.co.uk/v2/" },
    ],
    [
      "where only a shared host's suffix is",
      { realm: "https://evil.github.io/t", registry: "https://good.github.io/v2/" },
    ],
    [
      "on a private address",
      { realm: "https://192.168.0.1/token", registry: public1, withCredentials: false },
    ],
    [
      "on a loopback address",
      { realm: "https://127.0.0.1/token", registry: public1, withCredentials: false },
    ],
    [
      "on loopback by name",
      { realm: "https://a.localhost/token", registry: public1, withCredentials: false },
    ],
    ["on loopback in disguise", { realm: "https://0x7f.1/token", registry: public1, withCredentials: false }],
    [
      "on IPv4 within IPv6",
      { realm: "https://[::ffff:10.0.0.1]/t", registry: public1, withCredentials: false },
    ],
    [
      "on a link-local address",
      { realm: "https://169.254.169.254/t", registry: public1, withCredentials: false },
    ],
    ["on no address", { realm: "https://0.0.0.0/t", registry: public1, withCredentials: false }],
    [
      "on metadata, for a loopback registry",
      { realm: "http://169.254.169.254/t", registry: "http://127.0.0.1/v2/", withCredentials: false },
    ],
    ["over plain http", { realm: "http://8.8.8.8/token", registry: public1 }],
    ["over another scheme", { realm: "file:///etc/passwd", registry: public1 }],
    ["with user info", { realm: "https://me:pw@8.8.8.8/token", registry: public1 }],
    [
      "with user info, though named",
      { realm: "https://me@10.0.0.2/t", registry: public1, trusted: ["10.0.0.2"] },
    ],
    [
      "over http, though named by host",
      { realm: "http://10.0.0.2/t", registry: public1, trusted: ["10.0.0.2"] },
    ],
    [
      "beside a named URL",
      { realm: "https://10.0.0.2/authority", registry: public1, trusted: ["https://10.0.0.2/auth"] },
    ],
  ])("%s", async (_, question) => {
    expect(await verdict(question)).toMatch(/^untrusted-realm: /);
  });

  it("with the line that would allow it", async () => {
    const question = { realm: "https://10.0.0.2/token", withCredentials: true, trusted: [] };
    await expect(judgeRealm({ ...question, registry: new URL(public1) })).rejects.toMatchInlineSnapshot(
      `[RegistryFault: 8.8.8.8 sends logins to https://10.0.0.2/token: its address is private, the registry's is not]`,
    );
    await expect(judgeRealm({ ...question, registry: new URL(public1) })).rejects.toMatchObject({
      hint: 'if that is right, add to imagespec.config.ts: registries: { "8.8.8.8": { tokenRealms: ["10.0.0.2"] } }',
    });
  });

  it("as a fault of the registry where it is no URL", async () => {
    expect(await verdict({ realm: "https://", registry: public1 })).toMatch(/^protocol: /);
  });
});
