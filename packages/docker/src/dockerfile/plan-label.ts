import { type BuildPlan, canonicalPlan, shortHash } from "@imagespec/core";

/** Above this, what a tree holds is told by its digest. */
const LONGEST_BYTES = 32 * 1024;

type Value = Parameters<typeof shortHash>[0] | undefined;
type Entry = readonly [string, Value];

function isRecord(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function byName([a]: Entry, [b]: Entry): number {
  return a < b ? -1 : 1;
}

/** A tree is a record with a target and files. */
function shorten(name: string, value: Value, owner: object): Entry {
  return name === "files" && "target" in owner && Array.isArray(value)
    ? ["digest", shortHash(value ?? null)]
    : [name, value];
}

/** JSON in which names are sorted, so that equal plans give equal text. */
function toJson(value: Value, entry: typeof shorten | undefined): string {
  return JSON.stringify(value, (_, item: Value) => {
    if (!isRecord(item)) return item;
    const entries = Object.entries(item).map(
      ([name, part]) => entry?.(name, part, item) ?? ([name, part] as const),
    );
    return Object.fromEntries(entries.sort(byName));
  });
}

/**
 * The label `dev.imagespec.plan`: the canonical plan as JSON, so that an image can be compared with a spec. It holds
 * no secrets, for the canonical plan has none.
 */
export function planLabel(plan: BuildPlan): string {
  const whole = toJson(canonicalPlan(plan), undefined);
  return Buffer.byteLength(whole) <= LONGEST_BYTES ? whole : toJson(canonicalPlan(plan), shorten);
}
