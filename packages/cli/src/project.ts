import { statSync } from "node:fs";
import path from "node:path";
import type { BuilderRegistry, ImageSpec } from "@imagespec/core";
import { BuilderSearch } from "./builders/builder-search.ts";
import { registerBuilders } from "./builders/register-builders.ts";
import { type LoadedConfig, loadConfig } from "./config/load-config.ts";
import { type LockPlace, lockPlaceOf } from "./lock/lock-place.ts";
import { type FlyteSettings, flyteSettings } from "./options/environment.ts";
import type { CommonFlags, PathsFrom } from "./options/flags.ts";
import type { Surroundings } from "./output/surroundings.ts";
import { usageError } from "./usage-error.ts";

/** What one command works with: the config, the variables and the flags, put together by their precedence. */
export type Project = Readonly<{
  /** Absolute. */
  cwd: string;
  config: LoadedConfig | undefined;
  flyte: FlyteSettings;
  pathsFrom: PathsFrom;
  /** Laid under every spec. */
  defaults: ImageSpec;
  /** Laid over every spec. */
  overrides: ImageSpec;
  builders: BuilderRegistry;
  /** Where builders that are not registered are looked for. */
  builderSearch: BuilderSearch;
  lockPlace: LockPlace;
  /** Whether images are made only where the lock has all that they need. */
  locked: boolean;
}>;

function workingDirectory(given: string | undefined): string {
  const cwd = path.resolve(given ?? ".");
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return cwd;
  throw usageError(`--cwd: ${given} is not a folder`, { hint: `mkdir -p ${given}` });
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/**
 * Reads the config that holds here and registers its builders.
 *
 * @throws ImageSpecError `USAGE`; for a config or a builder that does not load
 */
export async function openProject(flags: CommonFlags, { environment }: Surroundings): Promise<Project> {
  const cwd = workingDirectory(flags.cwd);
  const config = await loadConfig(cwd, flags.config);
  const flyte = flyteSettings(environment);
  const folder = config ? path.dirname(config.place) : cwd;
  const builderSearch = new BuilderSearch([folder, cwd]);
  const listed = { entries: config?.builders ?? [], file: config?.file ?? "" };
  const { registry, builder, platform } = flags;
  return {
    cwd,
    config,
    flyte,
    pathsFrom: flags.pathsFrom ?? config?.pathsFrom ?? "cwd",
    defaults: { ...config?.defaults, ...defined({ registry: flyte.registry, builder: flyte.builder }) },
    overrides: defined({ registry, builder, platform }),
    builders: await registerBuilders(listed, builderSearch),
    builderSearch,
    lockPlace: lockPlaceOf(folder, cwd),
    locked: flags.locked ?? false,
  };
}
