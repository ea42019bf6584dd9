import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import type { EngineUnderTest } from "./engine-under-test.ts";

/** Starts an engine before the tests that follow and makes the builder find it; it ends after them. */
export function useEngine<T extends EngineUnderTest>(start: () => Promise<T>): () => T {
  let engine: T;

  beforeAll(async () => {
    engine = await start();
  });

  afterAll(() => engine?.stop());

  beforeEach(() => {
    for (const [name, value] of Object.entries(engine.environment)) vi.stubEnv(name, value);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  return () => engine;
}
