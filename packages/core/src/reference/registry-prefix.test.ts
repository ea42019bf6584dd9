import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { parseRegistryPrefix } from "./registry-prefix.ts";

describe("a registry prefix", () => {
  it.each([
    ["https://ghcr.io/org/", "ghcr.io", "org", false],
    ["http://my.host/org", "my.host", "org", true],
    ["HTTPS://GHCR.io/Org", "ghcr.io", "org", false],
    ["docker.io/user", "docker.io", "user", false],
    ["index.docker.io/user", "docker.io", "user", false],
    ["localhost:30000", "localhost:30000", "", false],
    ["localhost", "localhost", "", false],
    ["my.host:5000/a/b", "my.host:5000", "a/b", false],
    ["user", "docker.io", "user", false],
    ["User", "docker.io", "user", false],
    ["org/team", "docker.io", "org/team", false],
    ["foo:5000", "foo:5000", "", false],
    ["http://foo/bar", "foo", "bar", true],
    ["docker.io", "docker.io", "", false],
    ["[::1]:5000/x", "[::1]:5000", "x", false],
    ["europe-docker.pkg.dev/project/repo", "europe-docker.pkg.dev", "project/repo", false],
  ])("%s", (text, host, namespace, insecure) => {
    const canonical = namespace === "" ? host : `${host}/${namespace}`;
    expect(parseRegistryPrefix(text)).toEqual({ host, namespace, insecure, canonical });
  });

  it("is refused with a hint", () => {
    const texts = [
      "",
      " ",
      "ghcr.io/org:v1",
      "org:v1",
      "ghcr.io/a:t/b",
      "oci://ghcr.io",
      "me:pw@ghcr.io",
      "ghcr.io//a",
    ];
    expect(texts.map(faultOf)).toMatchInlineSnapshot(`
      [
        "REGISTRY_PREFIX_INVALID: "" is not a registry prefix: it is empty or holds blanks -- write a host or a host and a namespace: ghcr.io/org",
        "REGISTRY_PREFIX_INVALID: " " is not a registry prefix: it is empty or holds blanks -- write a host or a host and a namespace: ghcr.io/org",
        "REGISTRY_PREFIX_INVALID: "ghcr.io/org:v1" is not a registry prefix: a tag cannot be part of it -- imagespec makes the tag: write ghcr.io/org",
        "REGISTRY_PREFIX_INVALID: "org:v1" is not a registry prefix: a tag cannot be part of it -- imagespec makes the tag: write org",
        "REGISTRY_PREFIX_INVALID: "ghcr.io/a:t/b" is not a registry prefix: a tag cannot be part of it -- imagespec makes the tag: write ghcr.io/a/b",
        "REGISTRY_PREFIX_INVALID: "oci://ghcr.io" is not a registry prefix: oci:// is not a registry's scheme -- use https://, http:// or none",
        "REGISTRY_PREFIX_INVALID: "me:pw@ghcr.io" is not a registry prefix: it holds an @ -- leave out user names and digests; log in with docker login",
        "REGISTRY_PREFIX_INVALID: "ghcr.io//a" is not a registry prefix: "/a" is not a repository path -- parts are letters and digits, joined by one dot, one or two underscores, or hyphens",
      ]
    `);
  });

  it("answers every text with a prefix or a typed error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_[\]-]{0,30}$/)), (text) => {
        try {
          const prefix = parseRegistryPrefix(text);
          expect({ ...parseRegistryPrefix(prefix.canonical), insecure: prefix.insecure }).toEqual(prefix);
        } catch (error) {
          if (!ImageSpecError.isInstance(error)) throw error;
          expect(error.code).toBe("REGISTRY_PREFIX_INVALID");
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

function faultOf(text: string): string {
  try {
    return JSON.stringify(parseRegistryPrefix(text));
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return `${error.code}: ${error.message} -- ${error.details.hint}`;
  }
}
