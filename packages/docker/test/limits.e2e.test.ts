import { randomUUID } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ContextEntry } from "@imagespec/core";
import { connectEngine, findProgram, startDockerd } from "@imagespec/test-services";
import { execa } from "execa";
import { describe, expect, test, vi } from "vitest";
import {
  type EngineUnderTest,
  inTemporaryFolder,
  temporaryFilesIn,
  useDocker,
  useProgram,
} from "./support/engine-under-test.ts";
import { limitMemory } from "./support/limit-memory.ts";
import { build, run } from "./support/suite-builds.ts";
import { useEngine } from "./support/use-engine.ts";

const MIB = 2 ** 20;
/** Room for the base, and for little beside it. */
const DISK = 400;
const MEMORY = 200 * MIB;
const takeMemory = run(`python3 -c "print(len(b'a' * ${4 * MEMORY}))"`);

/** A file of the context that there is no room for. */
const large: ContextEntry = {
  type: "file",
  path: "large",
  mode: 0o644,
  size: DISK * MIB,
  async *open() {
    for (let part = 0; part < DISK; part += 1) yield Buffer.alloc(MIB, part);
  },
};

/** Why a build fails. */
async function failureOf(lines: readonly string[], context: readonly ContextEntry[] = []): Promise<unknown> {
  return build(lines, { context }).result.catch((fault: unknown) => fault);
}

function testDisk(
  current: () => EngineUnderTest,
  hint: string,
  prune: () => Promise<void> = async () => {},
): void {
  test("a disk that is full is told with what helps, and nothing is left", () =>
    inTemporaryFolder(async (temporary) => {
      vi.stubEnv("TMPDIR", temporary);
      const fault = { code: "ENGINE_DISK_FULL", details: { hint: expect.stringContaining(hint) } };
      const before = await current().leftovers();
      const inStep = await failureOf([run(`head -c ${DISK}M /dev/zero > /large`)]);
      expect(inStep).toMatchObject(fault);
      expect(inStep).toMatchObject({ details: { step: { command: expect.stringContaining("head -c") } } });
      const inCopy = await failureOf(["COPY large /"], [large]);
      expect(inCopy).toMatchObject(fault);
      expect((inCopy as Error).message).toMatch(/^.{0,300}: no space left on device$/);
      expect(await current().leftovers()).toEqual(before);
      expect(await temporaryFilesIn(temporary)).toEqual([]);
      const again = async () => {
        await prune();
        await build([run(`echo ${randomUUID()} > /small`)]).result;
        return "built";
      };
      await expect.poll(again, { timeout: 60_000 }).toBe("built");
    }));
}

function expectKilled(error: unknown, hint: string): void {
  expect(error).toMatchObject({
    code: "BUILD_STEP_KILLED",
    details: { step: { exitCode: 137 }, hint: expect.stringContaining(hint) },
  });
}

describe("Docker", () => {
  let group = "";
  const current = useEngine(async () => {
    const engine = await startDockerd({ disk: DISK });
    group = basename(engine.directory);
    return useDocker("docker", { ...engine, version: /^20\.10\./ });
  });

  // What BuildKit got of a context stays until then.
  testDisk(current, "docker builder prune", async () => {
    await connectEngine(current().environment.DOCKER_HOST ?? "").pruneBuilder();
  });

  test("a step that takes more memory than there is, is killed, and said to be", async () => {
    // The parent of all groups of this engine, which takes it away.
    await limitMemory(group, MEMORY);
    expectKilled(await failureOf([takeMemory]), "docker info");
  });
});

describe("buildah", () => {
  const current = useEngine(async () => {
    const engine = await useProgram("buildah");
    const images = join(engine.folder, "graph");
    await mkdir(images);
    await execa("mount", ["-t", "tmpfs", "-o", `size=${DISK}m`, "tmpfs", images]);
    return engine;
  });

  testDisk(current, "buildah rmi --prune");

  test("a step that takes more memory than there is, is killed, and said to be", () =>
    inTemporaryFolder(async (folder) => {
      const group = await limitMemory(basename(folder), MEMORY);
      const joining = `#!/bin/sh\necho $$ >'${group.processes}' && exec '${findProgram("buildah")}' "$@"\n`;
      await writeFile(join(folder, "buildah"), joining);
      await chmod(join(folder, "buildah"), 0o755);
      vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
      // Steps are then in the group of the program itself.
      vi.stubEnv("BUILDAH_ISOLATION", "chroot");
      try {
        expectKilled(await failureOf([takeMemory]), "free -h");
      } finally {
        await group.remove();
      }
    }));

  test("the isolation that hides what steps mount below /dev is refused", async () => {
    vi.stubEnv("BUILDAH_ISOLATION", "chroot");
    const step = run("true", "--mount=type=tmpfs,target=/dev/.imagespec/x ");
    expect(await failureOf([step])).toMatchObject({ code: "ENGINE_UNSUPPORTED" });
  });
});
