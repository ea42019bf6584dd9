import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { type BaseImageName, baseImageNames, baseImageReference, ensureBaseImages } from "./base-images.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { startDockerd } from "./dockerd.ts";

/** What every end-to-end test is given: `inject("services")`. */
export type TestServices = Readonly<{
  /** A private engine, as `DOCKER_HOST` has it. */
  dockerHost: string;
  /** `127.0.0.1:PORT` of a registry without authentication. */
  registry: string;
  /** References of the base images in that registry. */
  baseImages: Readonly<Record<BaseImageName, string>>;
}>;

declare module "vitest" {
  interface ProvidedContext {
    services: TestServices;
  }
}

/** Starts the services before the first end-to-end test and stops them after the last. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const contents = await ensureBaseImages();
  const [registry, engine] = await Promise.all([startDockerRegistry({ contents }), startDockerd()]);
  const references = baseImageNames.map((name) => [name, baseImageReference(registry.host, name)] as const);
  project.provide("services", {
    dockerHost: engine.dockerHost,
    registry: registry.host,
    baseImages: Object.fromEntries(references) as Record<BaseImageName, string>,
  });
  return async () => {
    await Promise.all([engine.stop(), registry.stop()]);
  };
}
