#!/usr/bin/env node
// Writes the table of docs/spec.md: every field of a spec, from the JSON Schema that is made of the zod schema, the
// guide that `imagespec init` writes, and what the builders say they support.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (...path) => readFileSync(join(root, ...path), "utf8");
const page = ["docs", "spec.md"];
const [begin, end] = ["<!-- fields: made by scripts/generate-spec-reference.mjs -->", "<!-- fields end -->"];

/** What a module of constants exports. */
async function constants(...path) {
  const target = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  const { outputText } = ts.transpileModule(read(...path), { compilerOptions: target });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/** The feature that a builder needs for a field, where not all builders have it. */
const features = {
  packages: "pip",
  requirements: "lockfile",
  installProject: "installProject",
  condaPackages: "conda",
  condaChannels: "conda",
  aptPackages: "apt",
  copy: "files",
  sourceRoot: "files",
  sourceCopyMode: "files",
  sourceEntry: "files",
  commands: "commands",
  entrypoint: "entrypoint",
  labels: "labels",
  cuda: "cuda",
  cudnn: "cuda",
  pipSecretMounts: "secrets",
  pythonExec: "pythonExec",
  registryConfig: "registryConfig",
};

const builders = ["docker", "envd", "union"];

async function supporters() {
  const found = {};
  for (const name of builders) {
    const module = await constants("packages", name, "src", "capabilities.ts");
    found[name] = module[`${name}Capabilities`];
  }
  return (field) =>
    features[field] === undefined
      ? builders
      : builders.filter((name) => found[name][features[field]] === true);
}

/** A field's type in words. */
function typeOf(schema) {
  if (schema.$ref !== undefined) return "spec";
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "object") return typeOfRecord(schema);
  return Array.isArray(schema.type) ? "text" : "anything";
}

function typeOfRecord({ properties, required = [], additionalProperties }) {
  if (properties === undefined) return `record of ${typeOf(additionalProperties)}`;
  const keys = Object.keys(properties).map((key) => (required.includes(key) ? key : `${key}?`));
  return `{ ${keys.join(", ")} }`;
}

async function table() {
  const { properties } = JSON.parse(read("packages", "cli", "schema", "image.schema.json")).$defs.spec;
  const { specFields } = await constants("packages", "cli", "src", "init", "spec-fields.ts");
  const supports = await supporters();
  const rows = Object.entries(specFields).map(([field, { about, example }]) => {
    const able = supports(field);
    const who = able.length === builders.length ? "all" : able.join(", ");
    return `| \`${field}\` | ${typeOf(properties[field])} | ${about} | \`${JSON.stringify(example)}\` | ${who} |`;
  });
  return ["| field | type | meaning | example | builders |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** The text of docs/spec.md for the schema as it is; what stands around the table is written by hand. */
export async function specDocument() {
  const [before, rest] = read(...page).split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page.join("/")} has no place for the table: ${begin} … ${end}`);
  return `${before}${begin}\n\n${await table()}\n\n${end}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await specDocument();
  writeFileSync(join(root, ...page), text);
}
