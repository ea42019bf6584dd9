import { describe, expect, test } from "vitest";
import { baseImageFailure } from "./base-image-failure.ts";
import { pushFailure } from "./push-failure.ts";

describe("a push", () => {
  const reference = "ghcr.io/org/app:v1";

  test.each([
    ["denied: permission_denied: write_package", "PUSH_DENIED", true],
    ["unexpected status from POST request to https://ghcr.io/v2/x/: 403 Forbidden", "PUSH_DENIED", true],
    ["tag invalid: the tag is immutable", "PUSH_TAG_IMMUTABLE", true],
    [
      "unexpected status from PUT request to https://ghcr.io/v2/x/manifests/v1: 400 Bad Request",
      "PUSH_TAG_IMMUTABLE",
      true,
    ],
    [
      "unexpected status from POST request to https://ghcr.io/v2/x/blobs/uploads/: 404 Not Found",
      "PUSH_REPOSITORY_NOT_FOUND",
      true,
    ],
    ["name unknown: no such repository", "PUSH_REPOSITORY_NOT_FOUND", true],
    ["toomanyrequests: slow down", "PUSH_RATE_LIMITED", false],
    ["http: server gave HTTP response to HTTPS client", "PUSH_INSECURE", false],
    ["x509: certificate signed by unknown authority", "PUSH_UNTRUSTED", false],
    ["dial tcp: connect: connection refused", "PUSH_UNREACHABLE", false],
    [
      "unexpected status from PUT request to https://ghcr.io/v2/x: 502 Bad Gateway",
      "PUSH_REGISTRY_ERROR",
      false,
    ],
    ["something new", "PUSH_FAILED", true],
  ])("%s", (said, code, refused) => {
    for (const pusher of ["engine", "buildkitd"] as const) {
      const failure = pushFailure(reference, said, pusher);
      expect(failure).toMatchObject({ refused, error: { code, details: { field: "registry" } } });
      const { message, details } = failure.error;
      expect(message).toContain(said);
      expect(`${message} ${details.hint}`).not.toMatch(/HOST|REPOSITORY|REFERENCE|PUSHER/);
    }
  });

  test("hints are for who pushes", () => {
    const said = "server gave HTTP response to HTTPS client";
    const hints = [pushFailure(reference, said), pushFailure(reference, said, "buildkitd")];
    expect(hints.map(({ error }) => error.details.hint)).toMatchInlineSnapshot(`
      [
        "add to /etc/docker/daemon.json: {"insecure-registries": ["ghcr.io"]}   then: sudo systemctl reload docker",
        "name it so in the spec: registry: "http://ghcr.io/…"; or buildkitd.toml: [registry."ghcr.io"] http=true",
      ]
    `);
  });
});

describe("a base image", () => {
  const failed = { reference: "ghcr.io/org/base:1", image: "ghcr.io/org/app:v1", field: "baseImage" };

  test.each([
    ["no match for platform in manifest: not found", "BASE_IMAGE_PLATFORM"],
    ["choosing an image from manifest list: no image found in image index", "BASE_IMAGE_PLATFORM"],
    ["ghcr.io/org/base:1: not found", "BASE_IMAGE_NOT_FOUND"],
    ["reading manifest 1: manifest unknown", "BASE_IMAGE_NOT_FOUND"],
    ["unauthorized: authentication required", "BASE_IMAGE_DENIED"],
    ["429 Too Many Requests", "BASE_IMAGE_RATE_LIMITED"],
    ["http: server gave HTTP response to HTTPS client", "BASE_IMAGE_INSECURE"],
    ["dial tcp 127.0.0.1:1: connect: connection refused", "BASE_IMAGE_UNREACHABLE"],
  ])("%s", (said, code) => {
    const error = baseImageFailure({ ...failed, said }, "linux/arm64");
    expect(error).toMatchObject({ code, details: { field: "baseImage", image: failed.image } });
    expect(`${error?.message} ${error?.details.hint}`).not.toMatch(/HOST|REPOSITORY|REFERENCE|PLATFORM/);
  });

  test("what tells nothing of an image is no failure of one", () => {
    expect(baseImageFailure({ ...failed, said: "exit code: 3" }, "linux/amd64")).toBeUndefined();
  });
});
