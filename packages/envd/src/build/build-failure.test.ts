import { resolvePlan } from "@imagespec/core";
import { expect, test } from "vitest";
import { buildFailure, type FailedEnvd } from "./build-failure.ts";
import type { StepRecord } from "./progress.ts";

const plan = await resolvePlan({ name: "app", baseImage: "ghcr.io/org/base:1", platform: "linux/amd64" });

function failureOf(parts: Partial<FailedEnvd>) {
  const rest = { step: undefined, said: [], ending: "ended with exit code 1", place: "unix:///b.sock" };
  return buildFailure({ plan, reference: "ghcr.io/org/app:1", ...rest, ...parts });
}

function step(name: string, error: string, log: string[] = []): StepRecord {
  return { id: "1", name, error, log, isOpen: false };
}

const fatal = (text: string): string => `time="2026" level=fatal msg=exit app=envd error="${text}"`;

test.each([
  [
    "failed to get the image config: reading manifest 1 in ghcr.io/org/base: manifest unknown",
    "BASE_IMAGE_NOT_FOUND",
  ],
  ["failed to get the image config: unauthorized: authentication required", "BASE_IMAGE_DENIED"],
  ["failed to get the image config: http: server gave HTTP response to HTTPS client", "BASE_IMAGE_INSECURE"],
  [
    "failed to get the image config: choosing an image from manifest list: no image found",
    "BASE_IMAGE_PLATFORM",
  ],
  ["failed to get the image config: something new", "BASE_IMAGE_UNREACHABLE"],
  [
    "failed to build: failed to list workers: connection error: connection refused",
    "ENVD_BUILDER_UNREACHABLE",
  ],
  ["failed to bootstrap the buildkitd: timeout 5s: cannot connect to buildkitd", "ENVD_BUILDER_UNREACHABLE"],
  ["failed to build: write /x: no space left on device", "ENVD_DISK_FULL"],
  ["something new", "ENVD_FAILED"],
])("envd says: %s", (text, code) => {
  const error = failureOf({ said: ["level=info msg=x", fatal(text)] });
  expect(error).toMatchObject({ code, details: { image: "ghcr.io/org/app:1", hint: expect.any(String) } });
});

test.each([
  ["docker-image://ghcr.io/org/base:1", "unexpected status from HEAD: 401 Unauthorized", "BASE_IMAGE_DENIED"],
  ["exporting to image", "unexpected status from POST request: 403 Forbidden", "PUSH_DENIED"],
  ["pushing layers", "http: server gave HTTP response to HTTPS client", "PUSH_INSECURE"],
  ["exporting cache to registry", "unexpected status: 400 Bad Request", "ENVD_CACHE_NOT_EXPORTED"],
  ["exporting to image", "write: no space left on device", "ENVD_DISK_FULL"],
  [
    "[internal] pip install six",
    'process did not start: exec: "python": executable file not found',
    "ENVD_NO_PYTHON",
  ],
])("the step %s fails: %s", (name, error, code) => {
  expect(failureOf({ step: step(name, error) }).code).toBe(code);
});

test("a command that fails is told with its exit code and last lines", () => {
  const failed = step("bash -c set -euo pipefail", 'process "bash -c', ["before", "no such thing"]);
  const said = [fatal('process \\"bash -c …\\" did not complete successfully: exit code: 42')];
  const { code, message, details } = failureOf({ step: failed, said });
  expect({ code, message, step: details.step }).toMatchInlineSnapshot(`
    {
      "code": "BUILD_STEP_FAILED",
      "message": "a step of the build failed: exit code 42",
      "step": {
        "exitCode": 42,
        "log": [
          "before",
          "no such thing",
        ],
        "name": "bash -c set -euo pipefail",
      },
    }
  `);
});

test("pip's own refusals are named, unless a command only prints them", () => {
  const log = ["error: externally-managed-environment"];
  const pip = step("[internal] pip install six", "exit code: 1", log);
  expect(failureOf({ step: pip }).code).toBe("ENVD_PYTHON_MANAGED");
  expect(failureOf({ step: step("bash -c", "exit code: 1", log) }).code).toBe("BUILD_STEP_FAILED");
});

test("a command that fails of a refused connection says nothing of the builder", () => {
  const failed = step("bash -c curl", 'process "bash -c', ["curl: connection refused", "Unavailable"]);
  const said = [fatal('process \\"curl; echo transport is closing\\" did not complete: exit code: 7')];
  expect(failureOf({ step: failed, said }).code).toBe("BUILD_STEP_FAILED");
});

test("a builder that dies while a step runs is named", () => {
  const said = [
    fatal("failed to solve: rpc error: code = Unavailable desc = error reading from server: EOF"),
  ];
  const failed = failureOf({ step: step("exporting to image", "ended with exit code 1"), said });
  expect(failed).toMatchObject({ code: "ENVD_BUILDER_UNREACHABLE" });
  expect(failed.message).toContain("unix:///b.sock");
});
