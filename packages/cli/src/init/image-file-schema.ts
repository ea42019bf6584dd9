import { imageSpecSchema } from "@imagespec/core/schema";
import * as z from "zod/mini";
import { specFields } from "./spec-fields.ts";

type Schema = Readonly<Record<string, unknown>>;

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Both spellings of a field that files may use, each with what the field is for. */
function spellings([field, schema]: readonly [string, Schema]): readonly (readonly [string, Schema])[] {
  const { about } = specFields[field as keyof typeof specFields];
  const described = { description: about, ...schema };
  const other = snakeCase(field);
  return other === field
    ? [[field, described]]
    : [
        [field, described],
        [other, described],
      ];
}

/** References to the whole mean a spec, not a file. Where a text belongs, YAML's `3.12` and `true` are texts too. */
function ofSpec(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll('"$ref":"#"', '"$ref":"#/$defs/spec"')
    .replaceAll('"type":"string"', '"type":["string","number","boolean"]');
  return JSON.parse(text);
}

/**
 * The JSON Schema of a YAML or JSON file: one spec, or `images` with several. What it lets pass, imagespec may still
 * refuse: rules between fields are not in it.
 *
 * @see https://json-schema.org/draft/2020-12/schema
 */
export function imageFileSchema(): Schema {
  const { $schema, properties, ...rest } = z.toJSONSchema(imageSpecSchema, {
    unrepresentable: "any",
    io: "input",
  });
  const fields = Object.entries((properties ?? {}) as Record<string, Schema>).flatMap(spellings);
  const spec = ofSpec({ ...rest, properties: Object.fromEntries(fields) });
  const one = { $ref: "#/$defs/spec" };
  const several = {
    type: "object",
    properties: {
      images: {
        anyOf: [
          { type: "array", items: one },
          { type: "object", additionalProperties: one },
        ],
      },
    },
    required: ["images"],
    additionalProperties: false,
  };
  return { $schema, title: "imagespec image file", anyOf: [one, several], $defs: { spec } };
}
