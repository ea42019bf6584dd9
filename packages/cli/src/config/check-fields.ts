import { type ErrorDetails, ImageSpecError, nearestName } from "@imagespec/core";
import { lineOfField } from "../specs/module-value.ts";

/** A config's file: where it lies, and what the user calls it. */
export type ConfigPlace = Readonly<{ place: string; file: string }>;

/** What each field has to be, in words, and whether it is. */
export type FieldRules = Readonly<
  Record<string, readonly [expected: string, isValid: (value: unknown) => boolean]>
>;

export function placeOfField(field: string, { place, file }: ConfigPlace): ErrorDetails {
  return { file, field, line: lineOfField(place, field) };
}

function unknownField(name: string, known: readonly string[], details: ErrorDetails): ImageSpecError {
  const nearest = nearestName(name, known);
  const hint = nearest ? `did you mean ${nearest}?` : `known are ${known.join(", ")}`;
  const message = `unknown field ${JSON.stringify(name)}`;
  return new ImageSpecError("CONFIG_UNKNOWN_FIELD", message, { ...details, hint });
}

/**
 * Passes when every field of a record of the config is known and what it has to be.
 *
 * @param path of the record in the config; "" for the config itself
 * @throws ImageSpecError `CONFIG_UNKNOWN_FIELD`, `CONFIG_INVALID`
 */
export function checkFields(
  record: object,
  rules: FieldRules,
  { path, ...place }: ConfigPlace & Readonly<{ path: string }>,
): void {
  for (const [name, value] of Object.entries(record)) {
    const details = placeOfField(path === "" ? name : `${path}.${name}`, place);
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) throw unknownField(name, Object.keys(rules), details);
    const [expected, isValid] = rule;
    if (value === undefined || isValid(value)) continue;
    const hint = "export default defineConfig({ … }) lets the editor check it";
    throw new ImageSpecError("CONFIG_INVALID", `expected ${expected}`, { ...details, hint });
  }
}
