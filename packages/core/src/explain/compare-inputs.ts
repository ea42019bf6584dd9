import { compareRequirements } from "./compare-requirements.ts";
import type { InputKind, TagInput } from "./tag-input.ts";

type Input<K extends InputKind> = Extract<TagInput, { kind: K }>;
type Pair<K extends InputKind> = readonly [before: Input<K>, after: Input<K>];

const quoted = (text: string): string => JSON.stringify(text);

function without(list: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** `[2]`: the place in the list, from 0, as in the spec. */
function replaced(before: readonly string[], after: readonly string[]): string[] {
  return after.flatMap((item, index) =>
    item === before[index] ? [] : [`[${index}] ${quoted(before[index]!)} → ${quoted(item)}`],
  );
}

function compareLists([{ values: before }, { values: after, ordered }]: Pair<"list">): string[] {
  const removed = without(before, after);
  const added = without(after, before);
  if (removed.length + added.length === 0) {
    return before.every((item, index) => item === after[index])
      ? ["a login in it changed"]
      : ["order changed"];
  }
  if (ordered && before.length === after.length && removed.length === 1) return replaced(before, after);
  return [
    ...removed.map((item) => `${quoted(item)} removed`),
    ...added.map((item) => `${quoted(item)} added`),
  ];
}

/** Of a lock the packages, where both are known. */
function contentWords([before, after]: Pair<"file">): readonly string[] {
  const known = before.packages && after.packages;
  const words = known ? compareRequirements(before.packages, after.packages) : [];
  return words.length === 0 ? ["content changed"] : words;
}

function compareFiles([before, after]: Pair<"file">): string[] {
  const mode = after.executable ? "made executable" : "no longer executable";
  return [
    ...(before.digest === after.digest ? [] : contentWords([before, after])),
    ...(before.executable === after.executable ? [] : [mode]),
  ];
}

function compareBases([before, after]: Pair<"base">): string[] {
  if (before.value !== after.value) return [`${before.value} → ${after.value}`];
  if (before.value === "a spec") return [];
  const words = (digest: string | null): string => digest ?? "by its name";
  return [`${after.value}: ${words(before.digest)} → ${words(after.digest)}`];
}

function compareValues([before, after]: Pair<"value">): string[] {
  const isMasked = before.value === after.value;
  return [isMasked ? "changed" : `${before.value} → ${after.value}`];
}

const nouns: Readonly<Partial<Record<InputKind, string>>> = {
  file: "a file",
  symlink: "a symlink",
  folder: "a folder",
};

function pairOf<K extends InputKind>(kind: K, before: TagInput, after: TagInput): Pair<K> {
  if (before.kind === kind && after.kind === kind) return [before, after] as unknown as Pair<K>;
  throw new TypeError(`${before.kind} and ${after.kind} are compared as ${kind}`);
}

/** What differs between two inputs of one key, in words; nothing where they are equal. */
export function compareInputs(before: TagInput, after: TagInput): readonly string[] {
  if (before.kind !== after.kind) return [`was ${nouns[before.kind]}, is ${nouns[after.kind]}`];
  switch (after.kind) {
    case "value":
      return before.digest === after.digest ? [] : compareValues(pairOf("value", before, after));
    case "list":
      return before.digest === after.digest ? [] : compareLists(pairOf("list", before, after));
    case "requirements": {
      const [old, fresh] = pairOf("requirements", before, after);
      return old.digest === fresh.digest ? [] : compareRequirements(old.values, fresh.values);
    }
    case "base":
      return before.digest === after.digest && before.kind === "base" && before.value === after.value
        ? []
        : compareBases(pairOf("base", before, after));
    case "file":
      return compareFiles(pairOf("file", before, after));
    case "symlink": {
      const [old, fresh] = pairOf("symlink", before, after);
      return old.value === fresh.value ? [] : [`points to ${fresh.value}, before to ${old.value}`];
    }
    case "folder":
    case "tree":
      return [];
  }
}
