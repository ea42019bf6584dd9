import { posix } from "node:path";
import type { FoundFile, Look } from "./look-into.ts";

type Values = Readonly<Record<string, unknown>>;

/** Values that are others for each spec. */
const identities = new Set(["_F_IMG_ID", "IMAGESPEC_ID"]);
const PATH_OF_BASES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Files of whose names a part is the machine's. */
const namedByMachines = [/^(\/var\/lib\/apt\/lists\/).+()/, /^(\/tmp\/uv-)[0-9a-f]+(\.lock)$/];

function mapValues(values: Values, change: (value: unknown, name: string) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

function variables({ environment }: Look): Values {
  return mapValues(environment, (value, name) =>
    identities.has(name) ? "…" : String(value).replace(PATH_OF_BASES, "$PATH"),
  );
}

function single({ python, user, history }: Look): Values {
  return { python, user, history: history.length === 0 ? undefined : "has the password" };
}

function line(what: string, theirs: unknown, ours: unknown): string {
  return `${what}: ${theirs ?? "–"} | ${ours ?? "–"}`;
}

/** A line for each name whose values differ. */
function compareValues(what: string, theirs: Values, ours: Values): string[] {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return names
    .filter((name) => theirs[name] !== ours[name])
    .map((name) => line(`${what} ${name}`, theirs[name], ours[name]));
}

/** In what a path differs, as words that many paths share. */
function fileDifferences(theirs: FoundFile | undefined, ours: FoundFile | undefined): string[] {
  if (theirs === undefined) return ["is: – | there"];
  if (ours === undefined) return ["is: there | –"];
  return (["mode", "owner", "content"] as const)
    .filter((field) => theirs[field] !== ours[field])
    .map((field) => line(field, theirs[field], ours[field]).replace(/\b[0-9a-f]{64}\b/g, "…"));
}

/** Those below others go without saying. */
function shorten(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const top = paths.filter((path) => path === "/" || !all.has(posix.dirname(path)));
  const names = top.map((path) => namedByMachines.reduce((name, part) => name.replace(part, "$1*$2"), path));
  return [...new Set(names)];
}

function compareFiles(theirs: Look["files"], ours: Look["files"]): string[] {
  const groups = new Map<string, string[]>();
  for (const path of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    for (const difference of fileDifferences(theirs[path], ours[path]))
      groups.set(difference, [...(groups.get(difference) ?? []), path]);
  }
  return [...groups].flatMap(([difference, paths]) => shorten(paths).map((path) => `${path} ${difference}`));
}

/** Each difference of two images, as `WHAT: FLYTEKIT'S | OURS`. */
export function compareLooks(theirs: Look, ours: Look): readonly string[] {
  const named = (look: Look) => mapValues(look.labels, () => "…");
  return [
    ...compareValues("image's", single(theirs), single(ours)),
    ...compareValues("configured", theirs.configuration, ours.configuration),
    ...compareValues("label", named(theirs), named(ours)),
    ...compareValues("account", theirs.accounts, ours.accounts),
    ...compareValues("package", theirs.packages, ours.packages),
    ...compareValues("apt package", theirs.aptPackages, ours.aptPackages),
    ...compareValues("variable", variables(theirs), variables(ours)),
    ...compareValues("tool", theirs.tools, ours.tools),
    ...compareValues("module", theirs.modules, ours.modules),
    ...compareFiles(theirs.files, ours.files),
  ].sort();
}
