import { randomBytes, randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { type EngineUnderTest, inTemporaryFolder, temporaryFilesIn } from "./engine-under-test.ts";
import { startFaultyRegistry } from "./faulty-registry.ts";
import { fileEntry } from "./handwritten.ts";
import { inspectWith } from "./registry-inspect.ts";
import { build, registry } from "./suite-builds.ts";

/** In the words of ECR, and of registries that speak like distribution's. */
const pushFaults = [
  {
    expected: "PUSH_TAG_IMMUTABLE",
    hint: "--force",
    method: "PUT",
    path: /\/manifests\//,
    status: 400,
    code: "TAG_INVALID",
    message: "The image tag 'v1' already exists and cannot be overwritten because the tag is immutable.",
  },
  {
    expected: "PUSH_REPOSITORY_NOT_FOUND",
    hint: "create-repository",
    method: "POST",
    path: /\/blobs\/uploads\//,
    status: 404,
    code: "NAME_UNKNOWN",
    message: "The repository with name 'pushed' does not exist in the registry with id '1'",
  },
  {
    expected: "PUSH_DENIED",
    hint: "docker login",
    method: "POST",
    path: /\/blobs\/uploads\//,
    status: 403,
    code: "DENIED",
    message: "requested access to the resource is denied",
  },
  {
    expected: "PUSH_REGISTRY_ERROR",
    hint: "again",
    method: "PUT",
    path: /\/manifests\//,
    status: 503,
    code: "UNAVAILABLE",
    message: "the registry is in maintenance",
  },
];

/** Pushes and uploads that fail, or that nobody wants any more. */
export function testEnginePushes(current: () => EngineUnderTest): void {
  test.each(pushFaults)("a push that fails: $expected", async ({ expected, hint, ...fault }) => {
    const faulty = await startFaultyRegistry(registry, fault);
    try {
      const reference = `${faulty.host}/pushed/${randomUUID()}:v1`;
      const services = { inspect: inspectWith() };
      const { result } = build(["LABEL a=b"], { destination: "registry", reference, services });
      await expect(result).rejects.toMatchObject({
        code: expected,
        details: { image: reference, hint: expect.stringContaining(hint) },
      });
    } finally {
      await faulty.stop();
    }
  });

  /** An abort ends what is built in this way, and leaves nothing. */
  async function expectAborted(start: (controller: AbortController) => Promise<unknown>): Promise<void> {
    await inTemporaryFolder(async (temporary) => {
      vi.stubEnv("TMPDIR", temporary);
      const before = await current().leftovers();
      const controller = new AbortController();
      const outcome = start(controller).catch((fault: unknown) => fault);
      expect(await outcome).toBe(controller.signal.reason);
      expect(controller.signal.aborted).toBe(true);
      await expect.poll(() => current().leftovers(), { timeout: 60_000 }).toEqual(before);
      expect(await temporaryFilesIn(temporary)).toEqual([]);
    });
  }

  test("an abort while the context is sent leaves nothing", () =>
    expectAborted((controller) => {
      const chunk = Buffer.alloc(1 << 20);
      const open = async function* () {
        for (let index = 0; index < 1024; index += 1) {
          if (index === 64) controller.abort(new Error("ctrl-c"));
          yield chunk;
        }
      };
      const entry = { type: "file", path: "large", mode: 0o644, size: 1024 * chunk.length, open } as const;
      return build(["COPY large /"], { signal: controller.signal, context: [entry] }).result;
    }));

  test("an abort while an image is pushed leaves nothing, and no tag", async () => {
    // Docker sends a layer by PATCH, BuildKit by PUT.
    const sending = { method: "PATCH|PUT", path: /\/blobs\/uploads\// };
    const standstill = await startFaultyRegistry(registry, sending);
    const reference = `${standstill.host}/pushed/${randomUUID()}:v1`;
    try {
      await expectAborted(async (controller) => {
        void standstill.reached.then(() => controller.abort(new Error("ctrl-c")));
        const context = [fileEntry("random", randomBytes(1 << 20))];
        const { signal } = controller;
        await build(["COPY random /"], { destination: "registry", reference, signal, context }).result;
      });
      const real = reference.replace(standstill.host, registry);
      expect(await inspectWith()(real)).toEqual({ verdict: "absent" });
    } finally {
      await standstill.stop();
    }
  });
}
