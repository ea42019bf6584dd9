import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { documentSchema, documents } from "../../src/schemas/document-schemas.ts";

const validators = new Map<string, ValidateFunction>();

/** Of the schema without room for fields that it does not name. */
function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  const made = known ?? new Ajv2020().compile(documentSchema(documents[name]!, { closed: true }));
  validators.set(name, made);
  return made;
}

function check(name: string, text: string): void {
  const validate = validatorOf(name);
  if (validate(JSON.parse(text))) return;
  throw new Error(`${name}.schema.json does not describe this: ${JSON.stringify(validate.errors)}\n${text}`);
}

export type Printed = Readonly<{ stdout: string; stderr: string }>;

/** Holds what a command printed for programs against the schemas that are published. */
export function checkDocuments(
  [command = "", ...flags]: readonly string[],
  { stdout, stderr }: Printed,
): void {
  if (flags.includes("--json") && stdout !== "" && Object.hasOwn(documents, command)) {
    const isFailure = Object.hasOwn(JSON.parse(stdout), "error");
    check(isFailure ? "error" : command, stdout);
  }
  if (flags.join(" ").includes("--progress json")) {
    for (const line of stderr.split("\n").filter((one) => one.startsWith("{"))) check("event", line);
  }
}
