import { ImageSpecError, imageSpecFields } from "@imagespec/core";
import { isRecord } from "../is-record.ts";
import type { SpecEntry } from "./loaded-spec.ts";

type Loose = Readonly<Record<string, unknown>>;

function fromList(list: readonly unknown[], path: string): SpecEntry[] {
  return list.map((value, index) => ({ value, name: undefined, path: `${path}[${index}]` }));
}

function fromRecord(record: Loose, path: string): SpecEntry[] {
  const prefix = path === "" ? "" : `${path}.`;
  return Object.entries(record).map(([name, value]) => ({ value, name, path: prefix + name }));
}

function fromImages(images: unknown, path: string): SpecEntry[] {
  if (Array.isArray(images)) return fromList(images, path);
  if (isRecord(images)) return fromRecord(images, path);
  throw new ImageSpecError("SPEC_INVALID", "expected a record or a list of specs", {
    field: path,
    hint: "images:\n  NAME:\n    packages: [pandas]",
  });
}

/** The specs of a document: `images` holds several, else the document is one. */
export function documentEntries(value: unknown): readonly SpecEntry[] {
  if (!isRecord(value) || !Object.hasOwn(value, "images")) return [{ value, name: undefined, path: "" }];
  const stranger = Object.keys(value).find((key) => key !== "images");
  if (stranger === undefined) return fromImages(value.images, "images");
  throw new ImageSpecError("SPEC_UNKNOWN_FIELD", `unknown field ${JSON.stringify(stranger)} beside images`, {
    field: stranger,
    hint: "fields belong to one of the images; what they share, to defaults in imagespec.config.ts",
  });
}

/** Every value is a record and no key is a field: these are specs by name. */
function isRecordOfSpecs(value: Loose): boolean {
  const entries = Object.entries(value);
  const fields: readonly string[] = imageSpecFields;
  return entries.length > 0 && entries.every(([key, item]) => isRecord(item) && !fields.includes(key));
}

/** The specs in what code gives: one, a list or a record of them. */
export function valueEntries(value: unknown): readonly SpecEntry[] {
  if (Array.isArray(value)) return fromList(value, "");
  if (isRecord(value) && isRecordOfSpecs(value)) return fromRecord(value, "");
  return [{ value, name: undefined, path: "" }];
}
