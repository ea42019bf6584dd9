import {
  type ErrorIssue,
  findDrift,
  formatLock,
  type ImageLock,
  type LockNeeds,
  lockError,
  lockFaults,
  lockNeeds,
  makeLock,
  mergeLocks,
  type RegistryService,
  unusedEntries,
  writeLock,
} from "@imagespec/core";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { formatChanges, lockChanges } from "../lock/lock-changes.ts";
import { loadLock } from "../lock/lock-place.ts";
import type { LockFlags } from "../options/flags.ts";
import { formatError } from "../output/format-error.ts";
import { writeDocument } from "../output/json-document.ts";
import { openProject, type Project } from "../project.ts";
import { type Invocation, withRegistry, withSession } from "../session.ts";
import { usageError } from "../usage-error.ts";

type LockInvocation = Invocation<LockFlags>;
type Question = Readonly<{ needs: LockNeeds; old: ImageLock | undefined; project: Project }>;

function needsOf(invocation: LockInvocation, project: Project): Promise<LockNeeds> {
  return withSession(invocation, project, {
    use: async ({ engine, named }) =>
      lockNeeds(await engine.resolve(named, invocation.signal), project.builders),
  });
}

function asking<T>(
  { surroundings, signal }: LockInvocation,
  project: Project,
  use: (asked: Readonly<{ registry: RegistryService; signal: AbortSignal }>) => Promise<T>,
): Promise<T> {
  return withRegistry(project, surroundings, (registry) => use({ registry, signal }));
}

/** Of the whole project nothing else is kept; of some of its specs nobody knows what the others need. */
async function write(invocation: LockInvocation, { needs, old, project }: Question): Promise<ExitCode> {
  const { sources, flags, surroundings, signal } = invocation;
  const { place, file } = project.lockPlace;
  const made = await asking(invocation, project, (asked) => makeLock(needs, asked));
  const lock = old && sources.length > 0 ? mergeLocks(old, made) : made;
  signal.throwIfAborted();
  const changed = old === undefined || formatLock(old) !== formatLock(lock);
  if (changed) await writeLock(lock, place, file);
  const images = lockChanges(old, lock);
  if (flags.json) writeDocument({ file, changed, images }, surroundings);
  surroundings.stderr.write(`${formatChanges(images)}${file} ${changed ? "is written" : "is as it was"}\n`);
  return exitCodes.done;
}

function offlineFaults({ needs, old, project }: Question, sources: readonly string[]): readonly ErrorIssue[] {
  if (old === undefined) {
    const hint = "imagespec lock   writes it";
    return [{ code: "LOCK_MISSING", message: `there is no ${project.lockPlace.file}`, hint }];
  }
  return [...lockFaults(old, needs), ...(sources.length === 0 ? unusedEntries(old, needs) : [])];
}

function exitCodeFor(faults: readonly ErrorIssue[]): ExitCode {
  if (faults.length === 0) return exitCodes.done;
  return faults.some(({ code }) => code === "EXISTENCE_UNKNOWN") ? exitCodes.unknown : exitCodes.failed;
}

/** Writes nothing. Without `--drift` it looks at files alone, so that its answer changes with them alone. */
async function check(invocation: LockInvocation, question: Question): Promise<ExitCode> {
  const { sources, flags, surroundings } = invocation;
  const { needs, old, project } = question;
  const { file } = project.lockPlace;
  const drift =
    flags.drift && old ? await asking(invocation, project, (asked) => findDrift(old, needs, asked)) : [];
  const faults = [...offlineFaults(question, sources), ...drift];
  const { stderr, paint } = surroundings;
  const error = lockError(faults, file);
  stderr.write(error ? formatError(error, { paint, debug: false }) : `${file} is up to date\n`);
  if (flags.json) writeDocument({ file, upToDate: faults.length === 0, faults }, surroundings);
  return exitCodeFor(faults);
}

/** Pins base and helper images by digest, and the versions of the recipe and its tools; or checks that they are. */
export async function lock(invocation: LockInvocation): Promise<ExitCode> {
  const { flags, surroundings } = invocation;
  if (flags.drift && !flags.check) {
    throw usageError("--drift goes with --check", { hint: "imagespec lock --check --drift" });
  }
  const project = await openProject(flags, surroundings);
  const needs = await needsOf(invocation, project);
  const question = { needs, old: await loadLock(project.lockPlace), project };
  return flags.check ? check(invocation, question) : write(invocation, question);
}
