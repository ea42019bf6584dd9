import { imageSpecFields, parseImageSpec } from "@imagespec/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { imageFileSchema } from "./image-file-schema.ts";
import { specFields } from "./spec-fields.ts";
import { moduleTemplate, yamlTemplate } from "./write-templates.ts";

const schema = imageFileSchema();
const isValid = new Ajv2020({ strict: false }).compile(schema);

/** The template with one more of its commented fields. */
function uncommented(field: string): string {
  return yamlTemplate("app", "./schema.json").replace(`# ${field}: `, `${field}: `);
}

describe("what init writes", () => {
  it.each(imageSpecFields)("has %s, commented, with a value that is valid", (field) => {
    const spec = parse(uncommented(field));
    expect(spec).toEqual({ name: "app", [field]: field === "name" ? "app" : specFields[field].example });
    expect(() => parseImageSpec(spec)).not.toThrow();
    expect(isValid(spec)).toBe(true);
    expect(moduleTemplate("app")).toMatch(new RegExp(`^  (// )?${field}: `, "m"));
  });

  it("says the same in both forms", () => {
    const fieldsOf = (text: string): readonly string[] =>
      [...text.matchAll(/^\s*(?:\/\/ |# )?([a-zA-Z]+): /gm)].map(([, field]) => field ?? "");
    expect(fieldsOf(moduleTemplate("app"))).toEqual(fieldsOf(yamlTemplate("app", "x")));
  });
});

describe("the schema for editors", () => {
  it("is the one that is shipped; run vitest with -u to write it", async () => {
    await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(
      "../../schema/image.schema.json",
    );
  });

  it.each([
    { pacakges: ["pandas"] },
    { packages: "pandas" },
    { baseImage: { nmae: "base" } },
    { images: { api: { python_version: [3.12] } } },
    { images: {}, name: "app" },
  ])("refuses %j", (value) => expect(isValid(value)).toBe(false));

  it.each([
    { python_version: "3.12", apt_packages: ["git"] },
    { base_image: { name: "base" } },
    { python_version: 3.12, env: { DEBUG: true, LEVEL: 3 } },
    { images: [{ name: "a" }] },
    { images: { a: { name: "a" } } },
  ])("lets %j pass", (value) => expect(isValid(value)).toBe(true));
});
