import { type ErrorDetails, ImageSpecError, nearestName, parseImageSpec } from "@imagespec/core";
import { isRecord } from "../is-record.ts";
import { lineOfField } from "../specs/module-value.ts";
import { placed } from "../specs/spec-place.ts";
import type { ImageSpecConfig } from "./image-spec-config.ts";

type ConfigPlace = Readonly<{ place: string; file: string }>;

function isBuilderEntry(value: unknown): boolean {
  return typeof value === "function" || (typeof value === "string" && value !== "") || isRecord(value);
}

/** What each field has to be, in words, and whether it is. */
const fields: Readonly<
  Record<keyof ImageSpecConfig, readonly [expected: string, (value: unknown) => boolean]>
> = {
  defaults: ["a record of spec fields", isRecord],
  builders: [
    "a list of builders, their factories or the names of their packages",
    (value) => Array.isArray(value) && value.every(isBuilderEntry),
  ],
  registries: ["a record by host", (value) => isRecord(value) && Object.values(value).every(isRecord)],
  images: ["a spec, a list or a record of specs", (value) => isRecord(value) || Array.isArray(value)],
  pathsFrom: ['"cwd" or "spec"', (value) => value === "cwd" || value === "spec"],
};

function isField(name: string): name is keyof ImageSpecConfig {
  return Object.hasOwn(fields, name);
}

function detailsOf(field: string, { place, file }: ConfigPlace): ErrorDetails {
  return { file, field, line: lineOfField(place, field) };
}

function checkField(name: string, value: unknown, place: ConfigPlace): void {
  const details = detailsOf(name, place);
  if (!isField(name)) {
    const nearest = nearestName(name, Object.keys(fields));
    const hint = nearest ? `did you mean ${nearest}?` : `known are ${Object.keys(fields).join(", ")}`;
    throw new ImageSpecError("CONFIG_UNKNOWN_FIELD", `unknown field ${JSON.stringify(name)}`, {
      ...details,
      hint,
    });
  }
  const [expected, isValid] = fields[name];
  if (value === undefined || isValid(value)) return;
  const hint = "export default defineConfig({ … }) lets the editor check it";
  throw new ImageSpecError("CONFIG_INVALID", `expected ${expected}`, { ...details, hint });
}

function checkDefaults(defaults: unknown, { place, file }: ConfigPlace): void {
  const lineOf = (field: string): number | undefined => lineOfField(place, field);
  placed({ file, path: "defaults", lineOf }, () => parseImageSpec(defaults));
}

/**
 * The config, when it is one.
 *
 * @throws ImageSpecError `CONFIG_UNKNOWN_FIELD`, `CONFIG_INVALID`; as `parseImageSpec` for its defaults
 */
export function checkConfig(value: unknown, place: ConfigPlace): ImageSpecConfig {
  if (!isRecord(value)) {
    const hint = "export default defineConfig({ … })";
    throw new ImageSpecError("CONFIG_INVALID", "the default export is not a record", {
      file: place.file,
      hint,
    });
  }
  for (const [name, field] of Object.entries(value)) checkField(name, field, place);
  if (value.defaults !== undefined) checkDefaults(value.defaults, place);
  return value;
}
