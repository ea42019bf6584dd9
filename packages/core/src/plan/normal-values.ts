import { ImageSpecError } from "../errors/image-spec-error.ts";
import { compareText } from "./encode-canonical.ts";

/** Without repetition, the first of equal values kept. */
export function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

export function sortedSet(values: readonly string[]): string[] {
  return unique(values).sort(compareText);
}

export function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}

export function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** `field` put into the error of a parser that knows no fields. */
export function inField<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    throw new ImageSpecError(error.code, error.message, { ...error.details, field, cause: error });
  }
}
