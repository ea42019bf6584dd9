import { expect, test } from "vitest";
import { builderRemedies, type Remedies, remediesOf } from "../drivers/remedies.ts";
import { buildFailure } from "./build-failure.ts";

const build = {
  image: "ghcr.io/org/app:1",
  base: "docker.io/library/python:3.12",
  platform: "linux/arm64",
  remedies: remediesOf("docker"),
};
const run = '[image 2/3] RUN --mount=type=cache,target=/x ["/bin/sh", "-e", "-c", "--", "echo a\\nfalse\\n"]';
const metadata = "[internal] load metadata for docker.io/library/python:3.12";

function failureOf(error: string, name = run, log: readonly string[] = []) {
  const message = `failed to solve: ${error}`;
  return buildFailure({ ...build, message, steps: [{ name, error, log }] });
}

test.each([
  ["20.10", "executor failed running [/bin/sh -e -c -- false]: exit code: 42"],
  ["26 and 28", 'process "/bin/sh -e -c -- false" did not complete successfully: exit code: 42'],
])("a step that fails on %s is named with its command, exit code and last lines", (_, error) => {
  const { code, message, details } = failureOf(error, run, ["first", "last"]);
  expect({ code, message, ...details }).toEqual({
    code: "BUILD_STEP_FAILED",
    message: "a step of the build failed: exit code 42",
    image: build.image,
    hint: "imagespec build --progress plain   shows the whole log",
    step: {
      name: "[image 2/3] RUN echo a; false",
      command: "echo a\nfalse",
      exitCode: 42,
      log: ["first", "last"],
    },
  });
});

test("a step that only the engine's last word names is found by its command", () => {
  const steps = [run.replace("false", "true"), run, "exporting"].map((name) => ({
    name,
    error: "",
    log: ["a"],
  }));
  const message = "failed to solve: executor failed running [/bin/sh -e -c -- false]: exit code: 78";
  expect(buildFailure({ ...build, message, steps })).toMatchObject({
    code: "BUILD_STEP_FAILED",
    details: { step: { exitCode: 78, command: "echo a\nfalse", log: ["a"] } },
  });
  expect(buildFailure({ ...build, message, steps: [] }).details.step).toMatchObject({
    exitCode: 78,
    command: "/bin/sh -e -c -- false",
  });
});

test("of several failed steps it is the one that the engine names, not one that was cancelled with it", () => {
  const steps = [
    { name: "[a 1/1] RUN sleep 9", error: "context canceled", log: [] },
    { name: "[b 1/1] RUN other", error: "exit code: 3", log: [] },
    { name: "[c 1/1] RUN false", error: "executor failed running [false]: exit code: 4", log: [] },
  ];
  const message = "failed to solve: executor failed running [false]: exit code: 4";
  expect(buildFailure({ ...build, message, steps }).details.step).toMatchObject({
    name: "[c 1/1] RUN false",
    exitCode: 4,
  });
});

test.each([
  ["BASE_IMAGE_NOT_FOUND", "docker.io/library/python:3.12: not found"],
  [
    "BASE_IMAGE_NOT_FOUND",
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
  ],
  ["BASE_IMAGE_DENIED", "pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized"],
  [
    "BASE_IMAGE_DENIED",
    "unexpected status from HEAD request to https://ghcr.io/v2/x/manifests/1: 403 Forbidden",
  ],
  ["BASE_IMAGE_RATE_LIMITED", "toomanyrequests: You have reached your pull rate limit"],
  ["BASE_IMAGE_UNREACHABLE", 'Head "https://x/v2/": dial tcp: lookup x on 10.0.0.1:53: no such host'],
  ["BASE_IMAGE_UNREACHABLE", 'Head "https://x/v2/": x509: certificate signed by unknown authority'],
  ["BASE_IMAGE_PLATFORM", "no match for platform in manifest sha256:0: not found"],
])("%s: %s", (code, error) => {
  const failure = failureOf(error, metadata);
  expect(failure).toMatchObject({ code, details: { field: "baseImage", image: build.image } });
  expect(failure.details.hint).toMatch(/docker (pull|login|manifest)/);
});

test("an image that only the options name is not the base's fault", () => {
  const name = "resolve image config for docker-image://ghcr.io/org/uv:9";
  const failure = failureOf("ghcr.io/org/uv:9: not found", name);
  expect(failure).toMatchInlineSnapshot(
    `[ImageSpecError: ghcr.io/org/uv:9 is not there, or only for those who log in (ghcr.io/org/uv:9: not found)]`,
  );
  expect(failure.details).toMatchInlineSnapshot(`
    {
      "field": "builderOptions.docker",
      "hint": "docker pull ghcr.io/org/uv:9   (a private one: docker login ghcr.io)",
      "image": "ghcr.io/org/app:1",
    }
  `);
});

test("a foreign platform without emulation, a killed step and a full disk have remedies of their own", () => {
  const exit = "executor failed running [x]: exit code: 1";
  expect(failureOf(exit, run, ["exec /bin/sh: exec format error"]).details.hint).toMatchInlineSnapshot(
    `"docker run --privileged --rm tonistiigi/binfmt --install arm64   lets this engine run linux/arm64"`,
  );
  expect(failureOf("exit code: 137").details.hint).toMatchInlineSnapshot(
    `"docker info | grep Memory   shows how much memory there is; give it more memory, or run less at once in the step"`,
  );
  expect(failureOf("write /x: no space left on device")).toMatchInlineSnapshot(
    `[ImageSpecError: the engine's disk is full: write /x: no space left on device]`,
  );
});

test("each engine has remedies of its own", () => {
  const hints = (remedies: Remedies) =>
    ["exit code: 137", "write /x: no space left on device"].map(
      (error) =>
        buildFailure({ ...build, remedies, message: error, steps: [{ name: run, error, log: [] }] }).details
          .hint,
    );
  const programs = (["docker", "podman", "buildah", "nerdctl"] as const).map((name) => remediesOf(name));
  expect([...programs, builderRemedies("team")].flatMap(hints)).toMatchInlineSnapshot(`
    [
      "docker info | grep Memory   shows how much memory there is; give it more memory, or run less at once in the step",
      "docker builder prune   frees the build cache; docker system df   shows what takes the room",
      "podman info | grep mem   shows how much memory there is; give it more memory, or run less at once in the step",
      "podman system prune   removes what nothing uses; podman system df   shows what takes the room",
      "free -h   shows how much memory there is; give it more memory, or run less at once in the step",
      "buildah rmi --prune   removes images without a name; buildah images   shows all others",
      "nerdctl info | grep Memory   shows how much memory there is; give it more memory, or run less at once in the step",
      "nerdctl builder prune   frees the build cache; nerdctl images   shows what takes the room",
      "docker buildx inspect team   shows where the builder runs; give it more memory, or run less at once in the step",
      "docker buildx prune --builder team   frees the build cache; docker buildx du --builder team   shows what takes the room",
    ]
  `);
});

test("a full disk is told in a few words, and not taken from what a command says", () => {
  const long = `storing "/tmp/imagespec-engine-1/a": error during transfer for request{Globs:[]string{}}: copier: put: error writing file "/big": write /big: no space left on device`;
  expect(failureOf(long, "COPY a /")).toMatchInlineSnapshot(
    `[ImageSpecError: the engine's disk is full: write /big: no space left on device]`,
  );
  const own = "storing blob to file: write /tmp/imagespec-engine-1/storage/1: no space left on device";
  expect(failureOf(own, "STEP 1/1: FROM base")).toMatchObject({
    code: "ENGINE_DISK_FULL",
    message: expect.stringMatching(/^there is no room for temporary files: write /),
    details: { hint: expect.stringContaining("TMPDIR") },
  });
  for (const words of [
    'process "grep \\"no space left on device\\" x"',
    "executor failed running [grep no space left on device]",
  ]) {
    expect(failureOf(`${words} did not complete: exit code: 1`).code).toBe("BUILD_STEP_FAILED");
  }
  expect(failureOf("exit code: 1", run, ["tar: No space left on device"]).code).toBe("ENGINE_DISK_FULL");
  expect(failureOf("failed to register layer: write /usr/x: no space left on device", metadata).code).toBe(
    "ENGINE_DISK_FULL",
  );
});

test("what no step stands for is told as the engine told it", () => {
  const message =
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: NOSUCH";
  expect(buildFailure({ ...build, message, steps: [] })).toMatchInlineSnapshot(
    `[ImageSpecError: the engine could not build the image: dockerfile parse error line 2: unknown instruction: NOSUCH]`,
  );
});
