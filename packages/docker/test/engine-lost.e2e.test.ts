import { describe, expect, test } from "vitest";
import { type EngineUnderTest, usePodman, useProgram } from "./support/engine-under-test.ts";
import { countProcesses } from "./support/processes.ts";
import { build, run } from "./support/suite-builds.ts";
import { useEngine } from "./support/use-engine.ts";

describe.each([
  ["podman's service", usePodman],
  ["buildah", () => useProgram("buildah")],
] as const)("%s", (_, start: () => Promise<EngineUnderTest>) => {
  const current = useEngine(start);

  test("that is killed while a step runs is lost", async () => {
    const seconds = `${600 + Math.random()}`;
    const { result } = build([run(`sleep ${seconds}`)]);
    const outcome = result.catch((fault: unknown) => fault);
    const isRunning = () => countProcesses(`sleep\0${seconds}`);
    await expect.poll(isRunning, { timeout: 60_000 }).toBeGreaterThan(0);
    await current().kill?.();
    expect(await outcome).toMatchObject({ code: "ENGINE_LOST", details: { hint: expect.any(String) } });
  });
});
