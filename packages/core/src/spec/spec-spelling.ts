import { distance } from "fastest-levenshtein";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { imageSpecFields } from "./image-spec-schema.ts";

const canonicalNames = new Map<string, string>(
  imageSpecFields.flatMap((field) => [
    [field, field],
    [field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), field],
  ]),
);

const builderAliases: Readonly<Record<string, string>> = {
  default: "docker",
  local: "docker",
  remote: "union",
  unionai: "union",
};

const copyModes: Readonly<Record<string, string>> = {
  NO_COPY: "none",
  ALL: "all",
  LOADED_MODULES: "auto",
};

type Loose = Record<string, unknown>;

/** The known name nearest to `name`, or undefined when none is near (more than a third of its letters differ). */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const ranked = [...known]
    .map((candidate) => ({ candidate, away: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  const best = ranked[0];
  return best && best.away <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** True for an object of names and values: no array, and none of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The key of the builder that flytekit's and Union's names mean: `default` and `local` are docker, `remote` is union. */
export function canonicalBuilderName(name: string): string {
  return Object.hasOwn(builderAliases, name) ? builderAliases[name]! : name;
}

function unknownField(name: string, path: string): ImageSpecError {
  const nearest = nearestName(name, canonicalNames.keys());
  return new ImageSpecError("SPEC_UNKNOWN_FIELD", `unknown field ${JSON.stringify(name)}`, {
    field: path + name,
    hint: nearest ? `did you mean ${nearest}?` : "see the list of fields in the spec reference",
  });
}

function respellValue(field: string, value: unknown, path: string): unknown {
  if (typeof value === "string") {
    if (field === "builder") return canonicalBuilderName(value);
    if (field === "sourceCopyMode") return Object.hasOwn(copyModes, value) ? copyModes[value] : value;
    if (field === "platform") return value.split(",").map((part) => part.trim());
  }
  if (field === "baseImage" && isRecord(value)) return canonicalSpelling(value, `${path}baseImage.`);
  return value;
}

/** flytekit's `builder_config` is the docker builder's options; its values come after what the spec itself says. */
function mergeBuilderConfig(spec: Loose, config: unknown, path: string): Loose {
  if (!isRecord(config)) {
    throw new ImageSpecError("SPEC_INVALID", "expected a record", { field: `${path}builder_config` });
  }
  const options = isRecord(spec.builderOptions) ? spec.builderOptions : {};
  const camel = Object.entries(config).map(([key, value]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const docker = { ...Object.fromEntries(camel), ...(isRecord(options.docker) ? options.docker : {}) };
  return { ...spec, builderOptions: { ...options, docker } };
}

/**
 * The same spec with canonical field names and values: either case, flytekit's names for copy modes and builders, a
 * comma between platforms, null or an empty text for an absent field. Throws `SPEC_UNKNOWN_FIELD` and `SPEC_DUPLICATE_FIELD`.
 */
export function canonicalSpelling(input: Loose, path = ""): Loose {
  const spec: Loose = {};
  let config: unknown;
  for (const [name, value] of Object.entries(input)) {
    if (value === null || value === undefined || value === "") continue;
    if (name === "builder_config" || name === "builderConfig") {
      config = value;
      continue;
    }
    const field = canonicalNames.get(name);
    if (field === undefined) throw unknownField(name, path);
    if (Object.hasOwn(spec, field)) {
      throw new ImageSpecError("SPEC_DUPLICATE_FIELD", `${field} is given twice, in two spellings`, {
        field: path + name,
        hint: `keep ${field} alone`,
      });
    }
    spec[field] = respellValue(field, value, path);
  }
  return config === undefined ? spec : mergeBuilderConfig(spec, config, path);
}
