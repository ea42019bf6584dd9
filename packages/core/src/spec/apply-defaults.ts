import type { ImageSpec } from "./image-spec.ts";
import { parseImageSpec } from "./parse-image-spec.ts";

type Records = Readonly<Record<string, unknown>>;

const recordFields = ["env", "labels", "builderOptions"] as const;

function mergeRecords(under: Records | undefined, over: Records | undefined): Records | undefined {
  return under || over ? { ...under, ...over } : undefined;
}

function mergeBuilderOptions(under: ImageSpec, over: ImageSpec): ImageSpec["builderOptions"] {
  const names = new Set([
    ...Object.keys(under.builderOptions ?? {}),
    ...Object.keys(over.builderOptions ?? {}),
  ]);
  if (names.size === 0) return undefined;
  return Object.fromEntries(
    [...names].map((name) => [name, { ...under.builderOptions?.[name], ...over.builderOptions?.[name] }]),
  );
}

function layUnder(defaults: ImageSpec, spec: ImageSpec): ImageSpec {
  const set = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  const merged: Record<string, unknown> = { ...defaults, ...set };
  for (const field of recordFields) {
    const value =
      field === "builderOptions"
        ? mergeBuilderOptions(defaults, spec)
        : mergeRecords(defaults[field], spec[field]);
    if (value) merged[field] = value;
  }
  if (typeof spec.baseImage === "object") merged.baseImage = layUnder(defaults, spec.baseImage);
  return merged as ImageSpec;
}

/**
 * The spec with a project's defaults laid under it: a field that the spec leaves out takes the default, a list is
 * taken whole or not at all, records (env, labels, builderOptions) merge key by key. Nested base specs get them too;
 * a base spec that itself comes from the defaults does not.
 *
 * The command and `createEngine({ defaults })` both call this, so they give one tag.
 */
export function applyDefaults(spec: ImageSpec, defaults: ImageSpec | undefined): ImageSpec {
  const parsed = parseImageSpec(spec);
  return defaults === undefined ? parsed : layUnder(parseImageSpec(defaults), parsed);
}
