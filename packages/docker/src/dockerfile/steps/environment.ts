import type { EnvironmentStep } from "@imagespec/core";
import { findStep } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { ENVIRONMENT } from "../recipe.ts";
import type { Stage } from "../stage.ts";
import { bringsEnvironment } from "../tools-of-plan.ts";

/** Where the base sets no PATH, this is what its containers have. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** The longest string that Linux hands to a program, less the name. */
const LONGEST = 131_071;

function isGoodName(name: string, emission: Emission): boolean {
  const code = "DOCKER_VARIABLE_NAME";
  const field = "env";
  if (name.startsWith("IMAGESPEC_")) {
    emission.refuse(`${name} is set by imagespec`, {
      code,
      field,
      hint: "choose a name that does not start so",
    });
    return false;
  }
  if (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) return true;
  const hint = "a name has letters, digits, _ . and -, and does not start with a digit";
  emission.refuse(`${JSON.stringify(name)} cannot be the name of a variable`, { code, field, hint });
  return false;
}

function writeVariable(emission: Emission, stage: Stage, [name, value]: readonly [string, string]): void {
  if (!isGoodName(name, emission)) return;
  const field = `env.${name}`;
  if (Buffer.byteLength(value) + Buffer.byteLength(name) >= LONGEST) {
    const hint = "put it into a file and copy that";
    emission.refuse("no program could be started with a variable that long", {
      code: "DOCKER_TOO_LONG",
      field,
      hint,
    });
    return;
  }
  const word = emission.word(stage, value, field);
  stage.add(`ENV ${name}=`, ...word);
}

function searchFolders(emission: Emission, extra: readonly string[]): string[] {
  const hint = "give each folder as an entry of its own";
  for (const folder of extra) {
    if (folder.includes(":")) {
      const message = `PATH would take ${JSON.stringify(folder)} for several folders`;
      emission.refuse(message, { code: "DOCKER_EXTRA_PATH", field: "extraPath", hint });
    }
  }
  return bringsEnvironment(emission.plan) ? [...extra, `${ENVIRONMENT}/bin`] : [...extra];
}

/** Ours in front of the spec's, or else the base's. */
function writePath(emission: Emission, stage: Stage, step: EnvironmentStep | undefined): void {
  const folders = searchFolders(emission, step?.extraPath ?? []);
  const given = step?.variables.PATH;
  if (folders.length === 0 && given === undefined) return;
  const rest =
    given === undefined ? [`"\${PATH:-${DEFAULT_PATH}}"`] : emission.word(stage, given, "env.PATH");
  const front = emission.word(stage, folders.map((folder) => `${folder}:`).join(""), "extraPath");
  stage.add("ENV PATH=", ...(folders.length > 0 ? front : []), ...rest);
}

/** The variables of the spec, and PATH. */
export function writeEnvironment(emission: Emission): void {
  const step = findStep(emission.plan, "environment");
  const stage = emission.image;
  const { PATH: _, ...variables } = step?.variables ?? {};
  for (const variable of Object.entries(variables)) writeVariable(emission, stage, variable);
  writePath(emission, stage, step);
}

/** Where Python finds what is copied, unless the spec says otherwise. */
export function writePythonPath(emission: Emission, stage: Stage): void {
  const { plan } = emission;
  if (findStep(plan, "environment")?.variables.PYTHONPATH !== undefined) return;
  const word = emission.word(stage, plan.workDirectory, "workDirectory");
  stage.add("ENV PYTHONPATH=", ...word);
}

export function writeIdentity(emission: Emission): void {
  const word = emission.word(emission.image, emission.plan.id, "id");
  emission.image.add("ENV IMAGESPEC_ID=", ...word);
}
