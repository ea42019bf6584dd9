import { compareText } from "../plan/encode-canonical.ts";

/** What a line asks for of which package; `version` is everything but the name. */
type Requirement = Readonly<{ name: string; shown: string; version: string; hashes: string; line: string }>;
type ByName = ReadonlyMap<string, readonly Requirement[]>;

const form =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\s*\[[^\]]*\])?)\s*([^\s].*?)?((?:\s+--hash[=\s]\S+)*)$/;

/** PEP 503: names of packages are equal whatever their case and separators. */
function normalName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

function parse(line: string): Requirement {
  const [, shown = line, version = "", hashes = ""] = line.startsWith("-") ? [] : (form.exec(line) ?? []);
  return { name: normalName(shown), shown, version: version.trim(), hashes: hashes.trim(), line };
}

function byName(lines: readonly string[]): ByName {
  const found = new Map<string, Requirement[]>();
  for (const requirement of lines.map(parse)) {
    found.set(requirement.name, [...(found.get(requirement.name) ?? []), requirement]);
  }
  return found;
}

/** `==2.2.0` is 2.2.0, as people say it; anything else stands as it is written. */
function versionWords({ version }: Requirement): string {
  if (version === "") return "any version";
  return version.replace(/^={1,3}\s*(?=[^=,;\s]+$)/, "");
}

function changedWords(before: Requirement, after: Requirement): string[] {
  if (before.version !== after.version) {
    return [`${after.shown} ${versionWords(before)} → ${versionWords(after)}`];
  }
  return before.hashes === after.hashes ? [] : [`${after.shown}: other hashes`];
}

function nameWords({ shown, version, line }: Requirement): string {
  return /^[=\s]/.test(version)
    ? `${shown} ${versionWords({ version } as Requirement)}`
    : line.split(/\s+--hash/)[0]!;
}

function missing(from: readonly Requirement[], others: readonly Requirement[]): readonly Requirement[] {
  return from.filter(({ line }) => !others.some((other) => other.line === line));
}

function packageWords(before: readonly Requirement[], after: readonly Requirement[]): string[] {
  const [old, ...moreOld] = missing(before, after);
  const [fresh, ...moreFresh] = missing(after, before);
  if (old && fresh && moreOld.length + moreFresh.length === 0) return changedWords(old, fresh);
  return [
    ...missing(before, after).map((one) => `${nameWords(one)} removed`),
    ...missing(after, before).map((one) => `${nameWords(one)} added`),
  ];
}

/** What differs between two lists of requirements, one text for each package. */
export function compareRequirements(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, fresh] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort(compareText);
  const words = names.flatMap((name) => packageWords(old.get(name) ?? [], fresh.get(name) ?? []));
  return words.length === 0 && before.join("\n") !== after.join("\n") ? ["order changed"] : words;
}
