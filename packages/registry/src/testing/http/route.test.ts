import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRepositoryName, parseRoute } from "./route.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("paths", () => {
  test.each([
    ["/v2/", { kind: "base" }],
    ["/v2", { kind: "base" }],
    ["/token", { kind: "token" }],
    ["/v2/_catalog", { kind: "catalog" }],
    ["/v2/a/tags/list", { kind: "tags", name: "a" }],
    ["/v2/a/b/c/manifests/v1", { kind: "manifest", name: "a/b/c", reference: "v1" }],
    [`/v2/a/manifests/${digest}`, { kind: "manifest", name: "a", reference: digest }],
    [`/v2/a/blobs/${encodeURIComponent(digest)}`, { kind: "blob", name: "a", reference: digest }],
    [`/v2/a/referrers/${digest}`, { kind: "referrers", name: "a", reference: digest }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads/id", { kind: "upload", name: "a", id: "id" }],
    ["/v2/tags/list/tags/list", { kind: "tags", name: "tags/list" }],
    ["/v2/blobs/uploads/manifests/t", { kind: "manifest", name: "blobs/uploads", reference: "t" }],
    ["/v2/%61/tags/list", { kind: "tags", name: "a" }],
    ["/v2/A/tags/list", { kind: "invalid-name", name: "A" }],
    ["/v2/a%2Fb/tags/list", { kind: "tags", name: "a/b" }],
    ["/v2/a%2F..%2Fb/tags/list", { kind: "invalid-name", name: "a/../b" }],
    ["/v2/a//b/tags/list", { kind: "invalid-name", name: "a//b" }],
    ["/v2/a/../b/tags/list", { kind: "invalid-name", name: "a/../b" }],
    ["/v2/tags/list", { kind: "invalid-name", name: "" }],
    [`/v2/${"a/".repeat(127)}aa/tags/list`, { kind: "invalid-name", name: `${"a/".repeat(127)}aa` }],
    ["/v2/%/tags/list", { kind: "unknown" }],
    ["/v2/a/manifests/", { kind: "unknown" }],
    ["/v2/a", { kind: "unknown" }],
    ["/v2/__proto__/constructor", { kind: "unknown" }],
    ["/v2//", { kind: "unknown" }],
    ["//", { kind: "unknown" }],
    ["/", { kind: "unknown" }],
    ["*", { kind: "unknown" }],
    ["http://other/v2/", { kind: "unknown" }],
  ])("%s", (path, expected) => {
    expect(parseRoute(path)).toEqual(expected);
  });

  test("no path throws or takes long, and every name let through follows the grammar", () => {
    const piece = fc.constantFrom(
      "/",
      "v2",
      "blobs",
      "uploads",
      "manifests",
      "tags",
      "list",
      "%",
      "%2f",
      "a",
      "A",
      "-",
      "_",
      ".",
    );
    const path = fc.oneof(
      fc.string(),
      fc.webPath(),
      fc.array(piece, { maxLength: 40 }).map((parts) => `/v2/${parts.join("")}`),
    );
    fc.assert(
      fc.property(path, (text) => {
        const route = parseRoute(text);
        if (!("name" in route) || route.kind === "invalid-name") return;
        expect(route.name).toMatch(
          /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/,
        );
      }),
      { numRuns: 10_000 },
    );
  });

  test("a long path is read in no more than a moment", () => {
    for (const piece of ["a", "a-", "-", "__", "a/", "%61", "/blobs/uploads"]) {
      expect(parseRoute(`/v2/${piece.repeat(100_000)}/tags/list`).kind).toBe("invalid-name");
    }
  });

  test("what names a repository is found again, whatever it is called", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/);
    const words = fc.constantFrom("blobs", "uploads", "tags", "list", "manifests", "referrers");
    const name = fc
      .array(fc.oneof(component, words), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(name, (repository) => {
        expect(isRepositoryName(repository)).toBe(true);
        expect(parseRoute(`/v2/${repository}/tags/list`)).toEqual({ kind: "tags", name: repository });
        expect(parseRoute(`/v2/${repository}/manifests/t`)).toEqual({
          kind: "manifest",
          name: repository,
          reference: "t",
        });
        expect(parseRoute(`/v2/${repository}/blobs/uploads/`)).toEqual({ kind: "uploads", name: repository });
      }),
    );
  });
});
