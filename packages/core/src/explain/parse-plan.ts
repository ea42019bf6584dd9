import type { PlanNames, PlanRecord, TreeName } from "./plan-record.ts";
import { readFields, readList, readText, readTexts, unreadablePlan } from "./read-value.ts";
import { tagInputs } from "./tag-inputs.ts";

/** Bytes of a label. Ours stay near 32 KiB but for long lists of requirements; a registry sends what it likes. */
const longestLabel = 1024 * 1024;
/** Levels of lists and records in each other; a plan has eight, and five more for each base that is a spec. */
const mostLevels = 100;

function children(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** By level and not by recursion, for that is what it guards. */
function isTooDeep(value: unknown): boolean {
  let level = children(value);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === mostLevels) return true;
    level = level.flatMap(children);
  }
  return false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadablePlan("it is not JSON");
  }
}

function checked(record: PlanRecord): PlanRecord {
  if (isTooDeep(record)) throw unreadablePlan("it nests too deep");
  tagInputs(record);
  return record;
}

/**
 * A plan from the label `dev.imagespec.plan` of an image, whoever wrote it.
 *
 * @throws ImageSpecError `PLAN_UNREADABLE`
 */
export function parsePlanLabel(text: string): PlanRecord {
  const size = Buffer.byteLength(text);
  if (size > longestLabel) throw unreadablePlan(`it has ${size} bytes`);
  return checked({ plan: parseJson(text) });
}

function parseTreeName(value: unknown): TreeName {
  const { target, origin } = readFields(value, "a name");
  return { target: readText(target, "a name's target"), origin: readText(origin, "a name's origin") };
}

function parseLocked(value: unknown): PlanNames["locked"] {
  if (value === undefined) return undefined;
  const locks = Object.entries(readFields(value, "locks"));
  return Object.fromEntries(locks.map(([path, packages]) => [path, readTexts(packages, "a lock")]));
}

function parseNames(value: unknown): PlanNames {
  const { requirements = [], trees = [], locked, base } = readFields(value, "names");
  return {
    requirements: readList(requirements, "names of requirements").map((name) =>
      name === null ? null : readText(name, "a name"),
    ),
    trees: readList(trees, "names of trees").map(parseTreeName),
    locked: parseLocked(locked),
    base: base === undefined ? undefined : parseNames(base),
  };
}

/**
 * A record that {@link recordPlan} made and somebody kept as JSON.
 *
 * @throws ImageSpecError `PLAN_UNREADABLE`
 */
export function parsePlanRecord(value: unknown): PlanRecord {
  if (isTooDeep(value)) throw unreadablePlan("it nests too deep");
  const { plan, names } = readFields(value, "it");
  return checked({ plan, names: names === undefined ? undefined : parseNames(names) });
}
