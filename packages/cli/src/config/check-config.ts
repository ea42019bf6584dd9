import { ImageSpecError, parseImageSpec } from "@imagespec/core";
import { isRecord } from "../is-record.ts";
import { lineOfField } from "../specs/module-value.ts";
import { placed } from "../specs/spec-place.ts";
import { type ConfigPlace, checkFields, type FieldRules } from "./check-fields.ts";
import { checkRegistries } from "./check-registries.ts";
import type { ImageSpecConfig } from "./image-spec-config.ts";

function isBuilderEntry(value: unknown): boolean {
  return typeof value === "function" || (typeof value === "string" && value !== "") || isRecord(value);
}

const rules: Readonly<Record<keyof ImageSpecConfig, FieldRules[string]>> = {
  defaults: ["a record of spec fields", isRecord],
  builders: [
    "a list of builders, their factories or the names of their packages",
    (value) => Array.isArray(value) && value.every(isBuilderEntry),
  ],
  registries: ["a record by host", (value) => isRecord(value) && Object.values(value).every(isRecord)],
  images: ["a spec, a list or a record of specs", (value) => isRecord(value) || Array.isArray(value)],
  pathsFrom: ['"cwd" or "spec"', (value) => value === "cwd" || value === "spec"],
};

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
    const message = "the default export is not a record";
    throw new ImageSpecError("CONFIG_INVALID", message, { file: place.file, hint });
  }
  checkFields(value, rules, { ...place, path: "" });
  const config: ImageSpecConfig = value;
  if (config.defaults !== undefined) checkDefaults(config.defaults, place);
  if (config.registries !== undefined) checkRegistries(config.registries, place);
  return config;
}
