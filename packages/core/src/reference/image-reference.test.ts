import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { formatImageReference, parseImageReference } from "./image-reference.ts";
import { isLoopbackHost } from "./reference-grammar.ts";

const sha256 = `sha256:${"a1".repeat(32)}`;
const sha512 = `sha512:${"0f".repeat(64)}`;

function canonical(text: string): string {
  return formatImageReference(parseImageReference(text));
}

function faultOf(text: string): { code: string; message: string; hint: string | undefined } {
  try {
    parseImageReference(text);
  } catch (error) {
    if (ImageSpecError.isInstance(error))
      return { code: error.code, message: error.message, hint: error.details.hint };
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

describe("what is accepted", () => {
  it.each([
    ["alpine", "docker.io/library/alpine:latest"],
    ["alpine:3.20", "docker.io/library/alpine:3.20"],
    ["docker.io/alpine", "docker.io/library/alpine:latest"],
    ["index.docker.io/alpine", "docker.io/library/alpine:latest"],
    ["registry-1.docker.io/alpine", "docker.io/library/alpine:latest"],
    ["Index.Docker.IO/alpine", "docker.io/library/alpine:latest"],
    ["org/app", "docker.io/org/app:latest"],
    ["ghcr.io/app", "ghcr.io/app:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:t", "localhost:5000/app:t"],
    ["127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest"],
    ["[::1]:5000/app:t", "[::1]:5000/app:t"],
    ["[::1]/app", "[::1]/app:latest"],
    ["foo:5000/app", "foo:5000/app:latest"],
    ["foo:5000", "docker.io/library/foo:5000"],
    ["localhost:5000", "docker.io/library/localhost:5000"],
    [`alpine@${sha256}`, `docker.io/library/alpine@${sha256}`],
    [`alpine:3@${sha256}`, `docker.io/library/alpine:3@${sha256}`],
    [`alpine@${sha512}`, `docker.io/library/alpine@${sha512}`],
    ["GHCR.io/org/app", "ghcr.io/org/app:latest"],
    [`alpine:${"t".repeat(128)}`, `docker.io/library/alpine:${"t".repeat(128)}`],
    ["a__b/c--d", "docker.io/a__b/c--d:latest"],
    [
      "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:V_1",
      "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:V_1",
    ],
    [`ghcr.io/${"a".repeat(255)}`, `ghcr.io/${"a".repeat(255)}:latest`],
  ])("%s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it("keeps the tag beside a digest and gives none to a digest alone", () => {
    expect(parseImageReference(`alpine:3@${sha256}`)).toEqual({
      host: "docker.io",
      repository: "library/alpine",
      tag: "3",
      digest: sha256,
    });
    expect(parseImageReference(`alpine@${sha256}`)).not.toHaveProperty("tag");
  });

  it("warns where a name alone reads as a host", () => {
    expect(parseImageReference("localhost:5000").warnings).toMatchInlineSnapshot(`
      [
        {
          "code": "REFERENCE_LOOKS_LIKE_HOST",
          "hint": "write the image's name behind the host: localhost:5000/NAME",
          "message": "localhost:5000 is read as docker.io/library/localhost:5000, not as a registry's host",
          "severity": "warning",
        },
      ]
    `);
    expect(parseImageReference("foo:5000").warnings).toBeUndefined();
  });
});

describe("what is refused", () => {
  it.each([
    "::1/app",
    "[fe80::1%25eth0]/app",
    "alpine@sha256:abc",
    "Alpine",
    "ghcr.io/Org/app",
    "ORG/app",
    "https://ghcr.io/org/app:v1",
    "http://localhost:5000/app",
    "ghcr.io/org/app:-x",
    "ghcr.io//app",
    "ghcr.io/org/app/",
    "/app",
    ".io/a",
    "app:",
    "app:t:x",
    "",
    "ghcr.io/org/app:v1 ",
    "user@host/app",
    "ghcr.io/o/a:latest/flytekit:x",
    "ab".repeat(32),
    `ghcr.io/${"a".repeat(256)}`,
    `alpine:${"t".repeat(129)}`,
    "a___b/c",
    "foo:99999/app",
    "0x7f.1/app",
    "my_host.io/app",
    `alpine@md5:${"a".repeat(32)}`,
    "a\u0000b",
    "café",
  ])("%j", (text) => {
    const { code, message, hint } = faultOf(text);
    expect(code).toBe("REFERENCE_INVALID");
    expect(message).not.toContain("does not fit the grammar");
    expect(hint).toMatch(/\w/);
  });

  it("says what is wrong and what to write", () => {
    const faults = [
      "::1/app",
      "ORG/app",
      "https://ghcr.io/org/app:v1",
      "ghcr.io/Org/app",
      "app:t:x",
      "user@host/app",
    ];
    expect(faults.map((text) => `${faultOf(text).message} -- ${faultOf(text).hint}`)).toMatchInlineSnapshot(`
      [
        ""::1/app" is not an image reference: an IPv6 address stands without brackets -- write [::1]/app",
        ""ORG/app" is not an image reference: its first part is neither a host (which has a dot or a port) nor a lower-case namespace -- write org/app, or the host's full name",
        ""https://ghcr.io/org/app:v1" is not an image reference: it starts with a scheme -- leave it out: ghcr.io/org/app:v1",
        ""ghcr.io/Org/app" is not an image reference: a repository's name has no capitals -- write ghcr.io/org/app",
        ""app:t:x" is not an image reference: it has more than one tag -- write app:t",
        ""user@host/app" is not an image reference: an @ stands in front of a host -- leave out the user name; log in with docker login or skopeo login",
      ]
    `);
  });

  it("does not repeat a password", () => {
    expect(JSON.stringify(faultOf("https://me:hunter2@ghcr.io/app"))).not.toContain("hunter2");
    expect(JSON.stringify(faultOf("me:hunter2@ghcr.io/app"))).not.toContain("hunter2");
  });
});

describe("for every text", () => {
  const component = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}$/);
  const host = fc.constantFrom(
    "",
    "ghcr.io/",
    "localhost:5000/",
    "[::1]:5000/",
    "GHCR.io/",
    "docker.io/",
    "foo:80/",
  );
  const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined });
  const digest = fc.option(fc.constantFrom(sha256, sha512), { nil: undefined });

  it("a legal reference survives both styles", () => {
    fc.assert(
      fc.property(host, fc.array(component, { minLength: 1, maxLength: 4 }), tag, digest, (...parts) => {
        const [prefix, [first = "", ...others], label, hash] = parts;
        const components = [prefix === "" ? first.replaceAll(".", "_") : first, ...others];
        const text = `${prefix}${components.join("/")}${label === undefined ? "" : `:${label}`}${hash === undefined ? "" : `@${hash}`}`;
        const { warnings: _, ...reference } = parseImageReference(text);
        expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
        const { warnings: __, ...again } = parseImageReference(formatImageReference(reference, "familiar"));
        expect(again).toEqual(reference);
      }),
      { numRuns: 2000 },
    );
  });

  it("an answer is a canonical reference or a typed error with a hint", () => {
    const noise = fc.array(
      fc.constantFrom(
        ..."aA0.:/@-_[]% \u0000é".split(""),
        "sha256:",
        "::",
        "//",
        "http://",
        "localhost",
        "ab".repeat(32),
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          noise.map((parts) => parts.join("")),
          fc.string(),
          fc.string({ unit: "binary" }),
        ),
        (text) => {
          try {
            const written = formatImageReference(parseImageReference(text));
            expect(canonical(written)).toBe(written);
            expect(URL.canParse(`https://${written.slice(0, written.indexOf("/"))}`)).toBe(true);
          } catch (error) {
            if (!ImageSpecError.isInstance(error)) throw error;
            expect(error.code).toBe("REFERENCE_INVALID");
            expect(error.details.hint).toMatch(/\w/);
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

describe("familiar names", () => {
  it.each([
    ["docker.io/library/alpine:3", "alpine:3"],
    ["docker.io/org/app", "org/app:latest"],
    ["docker.io/library/a/b", "library/a/b:latest"],
    ["docker.io/a.b/c", "docker.io/a.b/c:latest"],
    ["ghcr.io/org/app", "ghcr.io/org/app:latest"],
  ])("%s", (text, expected) => {
    expect(formatImageReference(parseImageReference(text), "familiar")).toBe(expected);
  });
});

describe("loopback hosts", () => {
  it.each([
    "localhost",
    "localhost:5000",
    "a.localhost:80",
    "127.0.0.1",
    "127.1.2.3:5000",
    "[::1]",
    "[::1]:5000",
  ])("%s", (host) => expect(isLoopbackHost(host)).toBe(true));
  it.each([
    "ghcr.io",
    "10.0.0.1:5000",
    "192.168.1.1",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "[::2]",
  ])("not %s", (host) => expect(isLoopbackHost(host)).toBe(false));
});
