import { afterAll, beforeAll, inject, vi } from "vitest";
import { envdBase, publishImage } from "./base-image.ts";
import { type Compiler, startCompiler } from "./compile-graph.ts";
import { type FakeRegistry, startFakeRegistry } from "./fake-registry.ts";
import { ensurePrograms } from "./programs.ts";

/** What the files of this suite have in common; its programs are there once `beforeAll` has run. */
export type Suite = Readonly<{
  dockerHost: string;
  registry: string;
  /** An image that envd can install into. */
  base: string;
  programs: Readonly<{ envd: string; uv: string }>;
}>;

/** The engine that envd finds is the suite's own, and a base is in its registry. */
export function prepareSuite(): Suite {
  const { dockerHost, registry, baseImages } = inject("services");
  const base = `${registry}/base/envd:1`;
  const programs = { envd: "", uv: "" };
  beforeAll(async () => {
    vi.stubEnv("DOCKER_HOST", dockerHost);
    Object.assign(programs, await ensurePrograms());
    await publishImage({ dockerHost, reference: base, dockerfile: envdBase(baseImages["python-system"]) });
  });
  afterAll(() => vi.unstubAllEnvs());
  return { dockerHost, registry, base, programs };
}

/** envd's compiler, and the registry that it takes all images from; both are there once `beforeAll` has run. */
export function prepareCompiler(): Readonly<{ registry: FakeRegistry; compiler: Compiler }> {
  const parts = {} as { registry: FakeRegistry; compiler: Compiler };
  beforeAll(async () => {
    parts.registry = await startFakeRegistry();
    parts.compiler = await startCompiler((await ensurePrograms()).envd, parts.registry.host);
  });
  afterAll(() => Promise.all([parts.compiler.stop(), parts.registry.stop()]));
  return parts;
}
