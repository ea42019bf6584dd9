import { type ErrorIssue, ImageSpecError } from "../errors/image-spec-error.ts";
import type { ImageLock } from "./image-lock.ts";
import type { LockNeeds, NeededImage } from "./lock-needs.ts";

const hint = "imagespec lock   writes it anew";

function stale(message: string): ErrorIssue {
  return { code: "LOCK_STALE", message, hint };
}

function imageFaults({ images }: ImageLock, needs: LockNeeds): ErrorIssue[] {
  return [...needs.images.values()].flatMap(({ reference, platforms, usedBy, field }: NeededImage) => {
    const locked = images.get(reference);
    const whose = `${field} of ${usedBy}`;
    if (!locked) return [stale(`${reference}, ${whose}, is not locked`)];
    const missing = [...platforms].filter((platform) => !locked.platforms.has(platform));
    return missing.length === 0
      ? []
      : [stale(`${reference}, ${whose}, is not locked for ${missing.join(", ")}`)];
  });
}

function toolFaults(lock: ImageLock, needs: LockNeeds): ErrorIssue[] {
  return [...needs.tools].flatMap(([builder, versions]) =>
    [...versions].flatMap(([tool, version]) => {
      const locked = lock.tools.get(builder)?.get(tool);
      if (locked === version) return [];
      return [
        stale(
          `the ${builder} builder's ${tool} is ${version} here, and ${locked ?? "not there"} in the lock`,
        ),
      ];
    }),
  );
}

/** Every way in which a lock is behind what images need. Looks at nothing but what it is given. */
export function lockFaults(lock: ImageLock, needs: LockNeeds): readonly ErrorIssue[] {
  const recipe =
    lock.recipe === needs.recipe
      ? []
      : [stale(`it was made for recipe ${lock.recipe}, and this imagespec has recipe ${needs.recipe}`)];
  return [...recipe, ...toolFaults(lock, needs), ...imageFaults(lock, needs)];
}

/** What a lock holds and nobody needs. */
export function unusedEntries({ images }: ImageLock, needs: LockNeeds): readonly ErrorIssue[] {
  const unused = [...images.keys()].filter((reference) => !needs.images.has(reference));
  return unused.map((reference) => stale(`${reference} is locked, and no image of the project needs it`));
}

/** One error for faults of one lock; undefined when there are none. */
export function lockError(issues: readonly ErrorIssue[], file: string): ImageSpecError | undefined {
  const [first] = issues;
  return first && new ImageSpecError(first.code, first.message, { file, hint: first.hint, issues });
}

/**
 * Passes when the lock has all that the images need.
 *
 * @param file what the user calls it
 * @throws ImageSpecError `LOCK_MISSING`, `LOCK_STALE` with every entry at fault in `details.issues`
 */
export function requireLock(
  lock: ImageLock | undefined,
  needs: LockNeeds,
  file: string,
): asserts lock is ImageLock {
  if (lock === undefined) {
    throw new ImageSpecError("LOCK_MISSING", "there is no lock", {
      file,
      hint: "imagespec lock   writes it",
    });
  }
  const error = lockError(lockFaults(lock, needs), file);
  if (error) throw error;
}
