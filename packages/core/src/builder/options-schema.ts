import { isRecord, nearestName } from "../spec/spec-spelling.ts";
import type { OptionsSchema } from "./builder.ts";

/** What is wrong with an option's value, or nothing. */
export type OptionCheck = (value: unknown) => string | undefined;

type Fault = Readonly<{ message: string; path?: readonly PropertyKey[] }>;

/**
 * The schema of options that are each looked at by themselves. All of them may be left out; unknown names are errors.
 *
 * @see https://standardschema.dev
 */
export function optionsSchema<O extends object>(
  checks: Readonly<Record<keyof O & string, OptionCheck>>,
): OptionsSchema<O> {
  const validate = (value: unknown): { value: O } | { issues: readonly Fault[] } => {
    if (!isRecord(value)) return { issues: [{ message: "must be an object" }] };
    const issues = Object.entries(value).flatMap(([name, entry]) => faultsOf(checks, name, entry));
    return issues.length > 0 ? { issues } : { value: value as O };
  };
  return { "~standard": { version: 1, vendor: "imagespec", validate } };
}

function faultsOf(
  checks: Readonly<Record<string, OptionCheck>>,
  name: string,
  value: unknown,
): readonly Fault[] {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (check === undefined) return [{ message: unknownOption(name, Object.keys(checks)), path: [name] }];
  const message = value === undefined ? undefined : check(value);
  return message === undefined ? [] : [{ message, path: [name] }];
}

/** What is said of a name that is none of these. */
export function unknownOption(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `unknown option: ${nearest === undefined ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`}`;
}

/** A text in one line that is not blank. */
export function isLine(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && !/\p{Cc}/u.test(value);
}
