import {
  createEngine,
  emptyLock,
  type ImageEngine,
  type NamedSpec,
  type RegistryService,
} from "@imagespec/core";
import type { RegistryClient } from "@imagespec/registry";
import { loadLock } from "./lock/lock-place.ts";
import type { CommonFlags } from "./options/flags.ts";
import type { Surroundings } from "./output/surroundings.ts";
import { writeIssue } from "./output/write-issue.ts";
import type { Project } from "./project.ts";
import { loadSpecs, namedSpec, placeError } from "./project-specs.ts";
import type { LoadedSpec } from "./specs/loaded-spec.ts";

/** What a command was called with. */
export type Invocation<F extends CommonFlags = CommonFlags> = Readonly<{
  sources: readonly string[];
  flags: F;
  surroundings: Surroundings;
  /** Aborted by Ctrl-C, once `listen` was called. */
  signal: AbortSignal;
  /**
   * From here on Ctrl-C aborts the signal. Until then it ends the process: a module of the user's that never ends
   * would not let anything else happen.
   */
  listen(): void;
}>;

export type Session = Readonly<{
  project: Project;
  specs: readonly LoadedSpec[];
  /** The same, as the engine takes them. */
  named: readonly NamedSpec[];
  engine: ImageEngine;
}>;

/** A registry client with the config's settings, for as long as `use` runs. */
export async function withRegistry<T>(
  { config }: Project,
  surroundings: Surroundings,
  use: (registry: RegistryClient) => Promise<T>,
): Promise<T> {
  const { registryClient } = await import("@imagespec/registry");
  const registry = registryClient({
    registries: config?.registries,
    environment: surroundings.environment,
    onWarning: (issue) => writeIssue(issue, surroundings),
  });
  try {
    return await use(registry);
  } finally {
    await registry.close();
  }
}

/** Runs `use`; the errors it throws tell the file and line of the spec that they are about. */
export async function withSession<T>(
  { sources, surroundings, listen }: Pick<Invocation, "sources" | "surroundings" | "listen">,
  project: Project,
  {
    registry,
    use,
  }: Readonly<{ registry?: RegistryService | undefined; use: (session: Session) => Promise<T> }>,
): Promise<T> {
  const { builders, defaults, cwd } = project;
  const lock = await loadLock(project.lockPlace);
  const engine = createEngine({ builders, defaults, cwd, registry, lock: lock ?? emptyLock });
  const specs = await loadSpecs(sources, project, surroundings);
  listen();
  const named = specs.map((spec) => namedSpec(spec, project));
  try {
    if (project.locked) {
      const { requireLocked } = await import("./lock/require-locked.ts");
      await requireLocked({ project, engine, named, lock });
    }
    return await use({ project, specs, named, engine });
  } catch (error) {
    throw await placeError(error, { specs, project, engine });
  }
}
