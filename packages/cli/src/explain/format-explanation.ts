import type { PlanDifference, TagInput } from "@imagespec/core";
import { sanitizeLine } from "../output/sanitize.ts";
import { formatTable } from "../output/table.ts";
import type { Against } from "./against.ts";

/** Files of one tree that are listed; a document has all. */
const mostFiles = 40;
/** Characters of a value. */
const longest = 100;
/** Differences of files that are told one by one. */
const mostDifferences = 100;

const heading = ["INPUT", "DIGEST", "VALUE"];

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function shownDigest(digest: string | null): string {
  if (digest === null) return "-";
  return digest.replace(/^sha256:([0-9a-f]{12})[0-9a-f]+$/, "$1");
}

function shownValue(input: TagInput): string {
  switch (input.kind) {
    case "value":
    case "base":
      return input.kind === "base" && input.digest === null ? `${input.value} (by its name)` : input.value;
    case "list":
      return input.values.map((value) => JSON.stringify(value)).join(" ");
    case "requirements":
      return input.values.join(", ");
    case "file":
      return input.executable ? "executable" : "";
    case "symlink":
      return `-> ${input.value}`;
    case "folder":
      return "folder";
    case "tree":
      return input.files === null
        ? "its files are not told"
        : `${input.files} file${input.files === 1 ? "" : "s"}`;
  }
}

function row(input: TagInput): string[] {
  const isTree = input.kind === "tree" || input.kind === "folder";
  const name = isTree && !input.name.endsWith("/") ? `${input.name}/` : input.name;
  return [name, shownDigest(input.digest), shorten(shownValue(input))].map(sanitizeLine);
}

type Rows = readonly (readonly string[])[];

function isFile({ kind }: TagInput): boolean {
  return kind === "file" || kind === "symlink" || kind === "folder";
}

/** A tree's files follow it. */
function rowsOf(inputs: readonly TagInput[]): Rows {
  const rows: string[][] = [];
  let listed = 0;
  let left = 0;
  const tellLeft = (): void => {
    if (left > 0) rows.push([`… ${left} more`, "", "--json lists all"]);
    left = 0;
  };
  for (const input of inputs) {
    if (!isFile(input)) {
      tellLeft();
      listed = 0;
    } else if (++listed > mostFiles) left++;
    if (left === 0) rows.push(row(input));
  }
  tellLeft();
  return rows;
}

/** Each input of a tag with its digest. */
export function formatInputs(inputs: readonly TagInput[]): string {
  return formatTable([heading, ...rowsOf(inputs)]);
}

export function formatDifference({ name, detail }: PlanDifference): string {
  return sanitizeLine(`${name}: ${detail}`);
}

function subject({ kind, name, reference, time }: Against): string {
  if (kind === "last-build") {
    const when = time === null ? "" : `, ${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return `the last build here (${reference}${when})`;
  }
  return name === reference ? name : `${name} (${reference})`;
}

/** What differs, in words; `isSameTag` where both have one tag, whatever else is to say. */
export function formatDifferences(
  against: Against,
  { differences, isSameTag }: Readonly<{ differences: readonly PlanDifference[]; isSameTag: boolean }>,
): string {
  const what = sanitizeLine(subject(against));
  if (differences.length === 0) {
    return isSameTag
      ? `nothing differs from ${what}\n`
      : `the tag differs from ${what} by something that is not told: other versions of imagespec made them\n`;
  }
  const shown = differences.slice(0, mostDifferences).map((one) => `  ${formatDifference(one)}\n`);
  const left = differences.length - shown.length;
  const more = left > 0 ? `  … ${left} more: --json lists all\n` : "";
  return `what differs from ${what}:\n${shown.join("")}${more}`;
}
