import { isLine, isRecord, unknownOption } from "@imagespec/core";

export const secretSteps = ["apt", "pip", "conda", "commands"] as const;
/**
 * Steps that secrets can be lent to: `apt` installs aptPackages, `pip` whatever comes from an index of Python packages
 * (packages, requirements, locks, the project itself, Python, and our own tools), `conda` condaPackages, `commands`
 * runs the spec's own.
 */
export type SecretStep = (typeof secretSteps)[number];

/** A secret that steps of the build may read while they run, and that leaves no trace. */
export type LentSecret = Readonly<{
  /** An id that is given with a value (`--secret id=NAME,src=FILE`), or else the path of a file. */
  secret: string;
  /** An absolute path of the container, or the name of a variable. */
  target: string;
  /** Default: every one that the spec has. */
  steps?: readonly SecretStep[] | undefined;
}>;

const keys = ["secret", "target", "steps"] as const satisfies readonly (keyof LentSecret)[];

const ENTRY = '{ secret: "id-or-file", target: "/path" or "VARIABLE" }';

/** What is wrong with the value of `secretMounts`, or nothing. */
export function checkSecretMounts(value: unknown): string | undefined {
  if (!Array.isArray(value)) return `must be a list of ${ENTRY}`;
  const faults = value.map((entry: unknown, index) => {
    const fault = faultOf(entry);
    return fault === undefined ? undefined : `[${index}] ${fault}`;
  });
  return faults.find((fault) => fault !== undefined);
}

function faultOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return `must be ${ENTRY}`;
  const other = Object.keys(entry).find((name) => !keys.some((key) => key === name));
  if (other !== undefined) return unknownOption(other, keys);
  if (!isLine(entry.secret)) return "has no secret: the id of one, or the path of a file";
  if (!isLine(entry.target)) return "has no target: an absolute path, or the name of a variable";
  return entry.steps === undefined || isSteps(entry.steps)
    ? undefined
    : `has steps that are not a list of ${secretSteps.join(", ")}`;
}

function isSteps(value: unknown): value is readonly SecretStep[] {
  const isStep = (name: unknown): boolean => secretSteps.some((step) => step === name);
  return Array.isArray(value) && value.length > 0 && value.every(isStep);
}
