import { type Canonical, encodeCanonical } from "../plan/encode-canonical.ts";
import { compareInputs } from "./compare-inputs.ts";
import type { PlanDifference } from "./plan-difference.ts";
import type { PlanNames, PlanRecord } from "./plan-record.ts";
import type { TagInput } from "./tag-input.ts";
import { tagInputs } from "./tag-inputs.ts";

type Tree = Extract<TagInput, { kind: "tree" }>;
type Inputs = ReadonlyMap<string, TagInput>;

function byKey(inputs: readonly TagInput[]): Inputs {
  return new Map(inputs.map((input) => [input.key, input]));
}

function treesOf(inputs: Inputs): readonly Tree[] {
  return [...inputs.values()].filter((input): input is Tree => input.kind === "tree");
}

/** Trees of which one side tells nothing but a digest. */
function opaqueTrees(before: Inputs, after: Inputs): ReadonlySet<string> {
  const opaque = [...treesOf(before), ...treesOf(after)].filter(({ files }) => files === null);
  return new Set(opaque.map(({ key }) => key));
}

function treeDifference(key: string, before: Inputs, after: Inputs): PlanDifference[] {
  const [old, fresh] = [before.get(key), after.get(key)];
  const name = (fresh ?? old)!.name;
  if (!old) return [{ name, change: "added", detail: "files added; which, is not told" }];
  if (!fresh) return [{ name, change: "removed", detail: "files removed; which, is not told" }];
  if (old.digest === fresh.digest) return [];
  const detail = "files differ; which, cannot be told: of one side only their digest is known";
  return [{ name, change: "changed", detail }];
}

function oneDifference(before: TagInput | undefined, after: TagInput | undefined): PlanDifference[] {
  if (before && after) {
    return compareInputs(before, after).map((words) => {
      const [, index, detail] = /^(\[\d+\]) (.*)$/s.exec(words) ?? ["", "", words];
      return { name: after.name + index, change: "changed", detail: detail! };
    });
  }
  const [{ name, kind }, change] = after ? [after, "added" as const] : [before!, "removed" as const];
  return kind === "tree" ? [] : [{ name, change, detail: change }];
}

/** A folder that comes or goes with what it holds is no news. */
function withoutFullFolders(
  keys: readonly string[],
  { get }: { get: (key: string) => TagInput | undefined },
) {
  const holding = new Set<string>();
  for (const key of keys) {
    for (let slash = key.lastIndexOf("/"); slash > 0; slash = key.lastIndexOf("/", slash - 1)) {
      holding.add(key.slice(0, slash));
    }
  }
  return keys.filter((key) => get(key)?.kind !== "folder" || !holding.has(key));
}

function withNames({ plan, names }: PlanRecord, others: PlanNames | undefined): PlanRecord {
  return { plan, names: names ?? others };
}

/** Names are no part of a plan: a requirements file of another name is the same input. */
function isSamePlan(before: PlanRecord, after: PlanRecord): boolean {
  return encodeCanonical(before.plan as Canonical) === encodeCanonical(after.plan as Canonical);
}

/** Whether one is a spec and the other an image: then that is all that there is to say about the base. */
function isOtherBase(before: Inputs, after: Inputs): boolean {
  const [old, fresh] = [before.get("baseImage"), after.get("baseImage")];
  return old?.kind === "base" && fresh?.kind === "base" && old.value !== fresh.value;
}

/**
 * What differs between two plans, by field and by file, in the order of the second; empty for plans of one tag. Files
 * whose names one side does not know are called as the other side calls them.
 *
 * @throws ImageSpecError `PLAN_UNREADABLE`
 */
export function comparePlans(before: PlanRecord, after: PlanRecord): readonly PlanDifference[] {
  if (isSamePlan(before, after)) return [];
  const old = byKey(tagInputs(withNames(before, after.names)));
  const fresh = byKey(tagInputs(withNames(after, before.names)));
  const opaque = opaqueTrees(old, fresh);
  const whole = isOtherBase(old, fresh) ? [...opaque, "baseImage."] : [...opaque];
  const isInside = (key: string): boolean => whole.some((one) => key !== one && key.startsWith(one));
  const all = [...new Set([...fresh.keys(), ...old.keys()])].filter((key) => !isInside(key));
  const isOther = (key: string): boolean => !old.has(key) || !fresh.has(key);
  const changed = all.filter(
    (key) => isOther(key) || compareInputs(old.get(key)!, fresh.get(key)!).length > 0,
  );
  const told = withoutFullFolders([...changed, ...opaque], { get: (key) => fresh.get(key) ?? old.get(key) });
  return [...new Set(told)].flatMap((key) =>
    opaque.has(key) ? treeDifference(key, old, fresh) : oneDifference(old.get(key), fresh.get(key)),
  );
}
