import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AnyBuilder } from "@imagespec/core";
import type { BuilderUnderTest, BuildPlace } from "./builder-under-test.ts";
import { type SecretMount, writeSamples } from "./samples.ts";

/** What a case works with. */
export type Kit = Readonly<{
  builder: AnyBuilder;
  options: Readonly<Record<string, unknown>> | undefined;
  secretMount: SecretMount | undefined;
  /** The folder that paths of specs are relative to. */
  cwd: string;
  /** Where to build. Skips the case where there is no such place. */
  place(): Promise<BuildPlace>;
  /** Ends the case, which then counts as skipped. */
  skip(reason: string): never;
}>;

/** One requirement of the builder interface. `run` rejects where it is not met. */
export type ConformanceCase = Readonly<{ name: string; run(kit: Kit): Promise<void> | void }>;

export type Bench = Readonly<{
  kit(skip: (reason: string) => never): Kit;
  dispose(): Promise<void>;
}>;

/** What the cases of one suite share: a folder with files, and the place for builds. */
export async function setUpBench(subject: BuilderUnderTest): Promise<Bench> {
  const cwd = await mkdtemp(path.join(tmpdir(), "imagespec-testkit-"));
  await writeSamples(cwd);
  let place: Promise<BuildPlace> | undefined;
  return {
    kit: (skip) => ({
      builder: subject.create(),
      options: subject.options,
      secretMount: subject.secretMount,
      cwd,
      skip,
      async place() {
        if (typeof subject.place !== "function") return skip(subject.place.skip);
        place ??= subject.place();
        return place;
      },
    }),
    dispose: () => rm(cwd, { recursive: true, force: true }),
  };
}
