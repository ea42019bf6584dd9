import { specFields } from "./spec-fields.ts";

const entries = Object.entries(specFields);

/** Fields that a new spec has; all the others stand in it as comments. */
const isSet = (field: string): boolean => field === "name";

/** A value as TypeScript writes it: keys that are names stand without quotes. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => {
    const name = /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
    return `${name}: ${literal(item)}`;
  });
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** A module with a spec of this name, every other field in a comment. */
export function moduleTemplate(name: string): string {
  const fields = entries.map(([field, { about, example }]) =>
    isSet(field)
      ? `  // ${about}\n  ${field}: ${literal(name)},\n`
      : `  // ${about}\n  // ${field}: ${literal(example)},\n`,
  );
  return `import type { ImageSpec } from "imagespec";

// imagespec build image.ts
export default {
${fields.join("\n")}} satisfies ImageSpec;
`;
}

/** The same in YAML, whose flow style is JSON. `schema`: where editors find the schema. */
export function yamlTemplate(name: string, schema: string): string {
  const fields = entries.map(([field, { about, example }]) =>
    isSet(field)
      ? `# ${about}\n${field}: ${JSON.stringify(name)}\n`
      : `# ${about}\n# ${field}: ${JSON.stringify(example)}\n`,
  );
  return `# yaml-language-server: $schema=${schema}
# imagespec build image.yaml

${fields.join("\n")}`;
}

/** A config that changes nothing. */
export const configTemplate = `import type { ImageSpecConfig } from "imagespec";

export default {
  // Fields laid under every spec.
  // defaults: { registry: "ghcr.io/org", platform: "linux/amd64" },

  // Builders beside docker, by name or package.
  // builders: ["envd"],

  // What registries need, by host. Paths start from this folder.
  // registries: { "registry.example.com:5000": { ca: "company.pem" } },

  // The project's images by name: \`imagespec build api\`. Without them, the spec in this folder is the project's.
  // images: { api: { name: "api" } },

  // What the paths of specs are relative to: where the command runs (cwd), or the spec's file (spec).
  // pathsFrom: "spec",
} satisfies ImageSpecConfig;
`;
