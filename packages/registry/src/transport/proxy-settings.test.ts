import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegistryFault } from "../registry-fault.ts";
import { proxyFor } from "./proxy-settings.ts";

const proxied = { HTTPS_PROXY: "http://proxy:3128", HTTP_PROXY: "http://plain:3128" };

function viaProxy(url: string, exceptions: string): boolean {
  return proxyFor(new URL(url), { ...proxied, NO_PROXY: exceptions }) !== undefined;
}

describe("which proxy", () => {
  it("by scheme, in either case, with or without its own scheme", () => {
    expect(proxyFor(new URL("https://ghcr.io/"), proxied)?.host).toBe("proxy:3128");
    expect(proxyFor(new URL("http://ghcr.io/"), proxied)?.host).toBe("plain:3128");
    expect(proxyFor(new URL("https://ghcr.io/"), { https_proxy: "lower:1" })?.host).toBe("lower:1");
    expect(proxyFor(new URL("https://ghcr.io/"), { HTTP_PROXY: "http://plain:3128" })).toBeUndefined();
    expect(proxyFor(new URL("https://ghcr.io/"), { HTTPS_PROXY: "" })).toBeUndefined();
  });

  it("an address that is none is a fault, without its password", () => {
    const ask = (): unknown =>
      proxyFor(new URL("https://ghcr.io/"), { HTTPS_PROXY: "http://me:hunter2@:bad" });
    expect(ask).toThrow(RegistryFault);
    expect(ask).not.toThrow(/hunter2/);
  });
});

describe("NO_PROXY", () => {
  it.each([
    ["https://ghcr.io/", "*"],
    ["https://ghcr.io/", "ghcr.io"],
    ["https://GHCR.io/", "GHCR.IO"],
    ["https://a.ghcr.io/", "ghcr.io"],
    ["https://a.ghcr.io/", ".ghcr.io"],
    ["https://a.ghcr.io/", "*.ghcr.io"],
    ["https://ghcr.io:8443/", "ghcr.io:8443"],
    ["https://ghcr.io/", "ghcr.io:443"],
    ["https://10.1.2.3/", "10.0.0.0/8"],
    ["https://10.1.2.3:5000/", "other, 10.1.2.3"],
    ["https://10.1.2.3:5000/", "10.1.2.3:5000"],
    ["https://[fd00::1]/", "fd00::/8"],
    ["https://[fd00::1]:5000/", "[fd00::1]:5000"],
    ["https://[fd00::1]/", "fd00::1"],
    ["https://ghcr.io/", "a.example b.example,ghcr.io"],
    ["http://localhost:5000/", ""],
    ["http://a.localhost:5000/", ""],
    ["http://127.0.0.9:5000/", ""],
    ["http://[::1]:5000/", ""],
  ])("%s goes directly with %j", (url, exceptions) => {
    expect(viaProxy(url, exceptions)).toBe(false);
  });

  it.each([
    ["https://ghcr.io/", ""],
    ["https://ghcr.io/", ".ghcr.io"],
    ["https://ghcr.io/", "*.ghcr.io"],
    ["https://notghcr.io/", "ghcr.io"],
    ["https://ghcr.io/", "ghcr.io:8443"],
    ["https://11.0.0.1/", "10.0.0.0/8"],
    ["https://ten.example/", "10.0.0.0/8"],
    ["https://10.1.2.3/", "10.0.0.0/99"],
    ["https://10.1.2.3/", "10.0.0.0/x"],
    ["https://[fd00::1]/", "::1"],
    ["https://ghcr.io/", "[ghcr.io"],
  ])("%s goes through the proxy with %j", (url, exceptions) => {
    expect(viaProxy(url, exceptions)).toBe(true);
  });

  it("no text fails", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.,/*[\] ]{0,40}$/)), (exceptions) => {
        expect(typeof viaProxy("https://10.1.2.3/", exceptions)).toBe("boolean");
        expect(typeof viaProxy("https://[fd00::1]/", exceptions)).toBe("boolean");
      }),
      { numRuns: 3000 },
    );
  });
});
