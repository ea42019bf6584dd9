import { findStep, quoteShell } from "@imagespec/core";
import { type Emission, LONGEST_ARGUMENT } from "./emission.ts";

/** What envd puts first on every PATH. */
const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** What envd sets in every image, whatever it is told. */
const fixed: Readonly<Record<string, string>> = { LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };

const pathHint = "use extraPath, and call programs of the base by their whole path";

function nameFault(name: string, value: string): readonly [message: string, hint: string] | undefined {
  if (!/^[^=\p{Cc}\s]+$/u.test(name) || !name.isWellFormed()) {
    return [`${JSON.stringify(name)} cannot be the name of a variable`, "a name has neither blanks nor ="];
  }
  if (name.startsWith("IMAGESPEC_")) {
    return [`${name} is set by imagespec`, "choose a name that does not start so"];
  }
  if (name === "PATH") return ["envd lets nobody replace PATH", pathHint];
  if (Object.hasOwn(fixed, name) && fixed[name] !== value) {
    return [`envd sets ${name} to ${fixed[name]} in every image`, `leave out ${name}`];
  }
  return undefined;
}

function isGoodVariable(emission: Emission, name: string, value: string): boolean {
  const fault = nameFault(name, value);
  if (fault) {
    const [message, hint] = fault;
    emission.refuse(message, { code: "ENVD_VARIABLE", field: "env", hint });
    return false;
  }
  if (Buffer.byteLength(name) + Buffer.byteLength(value) < LONGEST_ARGUMENT) return true;
  const hint = "put it into a file and copy that";
  const message = "no program could be started with a variable that long";
  emission.refuse(message, { code: "ENVD_TOO_LONG", field: `env.${name}`, hint });
  return false;
}

/** In an image of envd's the base's variables win. */
function refuseOverridden(emission: Emission, name: string, value: string): boolean {
  const there = emission.base?.env[name];
  if (there === undefined || there === value) return false;
  emission.refuse(`the base sets ${name} too, and its value would stay`, {
    code: "ENVD_VARIABLE_OF_BASE",
    field: `env.${name}`,
    hint: `leave out ${name}, name another base, or set it where it is used: env ${name}=… COMMAND`,
  });
  return true;
}

function givenVariables(emission: Emission): Record<string, string> {
  const given = Object.entries(findStep(emission.plan, "environment")?.variables ?? {});
  const good = given.filter(
    ([name, value]) => isGoodVariable(emission, name, value) && !refuseOverridden(emission, name, value),
  );
  return Object.fromEntries(good.map(([name, value]) => [name, emission.text(value, `env.${name}`)]));
}

/** What is in every image of ours, unless the spec has its own. */
function ownVariables({ plan }: Emission, given: Readonly<Record<string, string>>): Record<string, string> {
  const { id, workDirectory } = plan;
  return { ...(given.PYTHONPATH === undefined && { PYTHONPATH: workDirectory }), IMAGESPEC_ID: id };
}

/** Of our variables those that the base sets differently: commands get ours, the image keeps the base's. */
function hiddenVariables(emission: Emission): Record<string, string> {
  const { base, plan } = emission;
  const own = ownVariables(emission, findStep(plan, "environment")?.variables ?? {});
  const hidden = Object.entries(own).filter(([name, value]) => (base?.env[name] ?? value) !== value);
  return Object.fromEntries(hidden);
}

function warnHidden(emission: Emission): void {
  const code = "ENVD_VARIABLE_OF_BASE";
  for (const name of Object.keys(hiddenVariables(emission))) {
    const what =
      name === "IMAGESPEC_ID"
        ? "isContainer() takes the image for its base"
        : "what is copied is not on it: python finds it in the work directory alone";
    const hint = "build this image with another builder, or on a base that does not set it";
    emission.warn(`the base's ${name} stays, so ${what}`, { code, field: "baseImage", hint });
  }
}

function isSystemFolder(folder: string): boolean {
  return systemFolders.includes(folder);
}

/** Folders that the base, or the spec, has in front of the system's, and the image behind them. */
function movedFolders(emission: Emission): string[] {
  const path = (emission.base?.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  const last = path.findLastIndex(isSystemFolder);
  const ofBase = path.slice(0, last + 1).filter((folder) => !isSystemFolder(folder));
  return [...(findStep(emission.plan, "environment")?.extraPath ?? []), ...ofBase];
}

function warnOrder(emission: Emission): void {
  const folders = movedFolders(emission);
  if (folders.length === 0) return;
  emission.warn(`envd puts the system's folders in front of ${folders.join(", ")} on PATH`, {
    code: "ENVD_PATH_ORDER",
    field: findStep(emission.plan, "environment")?.extraPath.length ? "extraPath" : "baseImage",
    hint: "call programs by their whole path where the system has one of the same name",
  });
}

function folders(emission: Emission): string[] {
  const given = findStep(emission.plan, "environment")?.extraPath ?? [];
  for (const folder of given) {
    if (!folder.includes(":")) continue;
    const hint = "give each folder as an entry of its own";
    const message = `PATH would take ${JSON.stringify(folder)} for several folders`;
    emission.refuse(message, { code: "ENVD_EXTRA_PATH", field: "extraPath", hint });
  }
  return emission.texts(given, "extraPath");
}

/** The variables of the spec and ours, by name, and the folders that go onto PATH. */
export function writeEnvironment(emission: Emission): void {
  const given = givenVariables(emission);
  const all = { ...given, ...ownVariables(emission, given) };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const env = Object.fromEntries(
    sorted.map(([name, value]) => [name, emission.text(value, "workDirectory")]),
  );
  const extra = folders(emission);
  emission.call("runtime.environ", { env, ...(extra.length > 0 && { extra_path: extra }) });
  warnHidden(emission);
  warnOrder(emission);
}

/** What a shell has to set so that commands see the variables and the PATH that the spec gives. */
export function exportLines(emission: Emission): string[] {
  const hidden = Object.entries(hiddenVariables(emission));
  const extra = findStep(emission.plan, "environment")?.extraPath ?? [];
  return [
    ...hidden.map(([name, value]) => `export ${name}=${quoteShell(value)}`),
    ...(extra.length > 0 ? [`export PATH=${quoteShell(`${extra.join(":")}:`)}"$PATH"`] : []),
  ];
}
