import type * as z from "zod/mini";
import { type ErrorIssue, ImageSpecError } from "../errors/image-spec-error.ts";
import type { ImageSpec } from "./image-spec.ts";
import { imageSpecFields, imageSpecSchema, isImageSpec } from "./image-spec-schema.ts";
import { canonicalSpelling, isRecord, nearestName } from "./spec-spelling.ts";

type ZodIssue = z.core.$ZodIssue;

function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

/** Of a union's branches, the one that understood most of the value: it names the real fault. */
function deepest(issue: ZodIssue): ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors
    .flat()
    .map((child) => deepest(child))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return inner && inner.path.length > 0 ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
}

function unknownKey(issue: z.core.$ZodIssueUnrecognizedKeys): ErrorIssue {
  const name = issue.keys[0] ?? "";
  const known = issue.path.at(-2) === "copy" ? ["from", "to"] : imageSpecFields;
  const nearest = nearestName(name, known);
  return {
    code: "SPEC_UNKNOWN_FIELD",
    message: `unknown field ${JSON.stringify(name)}`,
    field: fieldPath([...issue.path, name]),
    hint: nearest ? `did you mean ${nearest}?` : undefined,
  };
}

const kindNames: Readonly<Record<string, string>> = {
  string: "text",
  array: "a list",
  record: "a record",
  object: "a record",
  boolean: "true or false",
  tuple: "a list",
};

function messageOf(issue: ZodIssue): string {
  if (issue.code === "invalid_type") return `expected ${kindNames[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "not a name";
  return issue.message;
}

function describe(issue: ZodIssue): ErrorIssue {
  const found = deepest(issue);
  if (found.code === "unrecognized_keys") return unknownKey(found);
  const isUnquoted = typeof found.input === "number" || typeof found.input === "boolean";
  const wantsText = found.code === "invalid_type" && found.expected === "string";
  return {
    code: "SPEC_INVALID",
    message: messageOf(found),
    field: fieldPath(found.path),
    hint: isUnquoted && wantsText ? "write it as text, in quotes" : undefined,
  };
}

/** The error for what a schema found: the first fault in front, all of them in `details.issues`. */
export function validationError(issues: readonly ZodIssue[], file?: string): ImageSpecError {
  const described = issues.map(describe);
  const first = described[0] ?? { code: "SPEC_INVALID", message: "not a spec" };
  return new ImageSpecError(first.code, first.message, {
    field: first.field,
    hint: first.hint,
    file,
    issues: described,
  });
}

/** What is changed in the original later does not reach it. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyOf(entry)])) as T;
}

/**
 * The spec that `value` says, canonically spelled. Takes what YAML and JSON files hold: either case of field names,
 * flytekit's names, null for an absent field.
 *
 * @param file the name of the file it came from, for errors
 * @throws ImageSpecError `SPEC_INVALID`, `SPEC_UNKNOWN_FIELD`, `SPEC_DUPLICATE_FIELD`, with the field's path
 */
export function parseImageSpec(value: unknown, file?: string): ImageSpec {
  if (!isRecord(value)) {
    throw new ImageSpecError("SPEC_INVALID", "a spec is a record of fields", { file });
  }
  const spec = canonicalSpelling(value);
  if (isImageSpec(spec)) return copyOf(spec);
  const result = imageSpecSchema().safeParse(spec, { reportInput: true });
  if (!result.success) throw validationError(result.error.issues, file);
  return result.data;
}
