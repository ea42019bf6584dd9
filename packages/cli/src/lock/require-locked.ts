import { type ImageEngine, type ImageLock, lockNeeds, type NamedSpec, requireLock } from "@imagespec/core";
import type { Project } from "../project.ts";

export type LockedRun = Readonly<{
  project: Project;
  engine: ImageEngine;
  named: readonly NamedSpec[];
  lock: ImageLock | undefined;
}>;

/**
 * What `--locked` asks for: that the lock has all that these specs need.
 *
 * @throws ImageSpecError `LOCK_MISSING`, `LOCK_STALE`; for a spec or a builder that is wrong
 */
export async function requireLocked({ project, engine, named, lock }: LockedRun): Promise<void> {
  const needs = await lockNeeds(await engine.resolve(named), project.builders);
  requireLock(lock, needs, project.lockPlace.file);
}
