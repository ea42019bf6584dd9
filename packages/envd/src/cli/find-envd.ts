import { ImageSpecError } from "@imagespec/core";
import { findProgram } from "./find-program.ts";
import { askEnvd, type EnvdProgram } from "./run-envd.ts";

/** The oldest that knows all that is written into a `build.envd`. */
const OLDEST = [1, 3] as const;

const install = "pip install envd   or: uv tool install envd";

/** @throws ImageSpecError `ENVD_NOT_FOUND` */
export async function findEnvd(binary: string | undefined): Promise<string> {
  const found = await findProgram(binary ?? "envd");
  if (found !== undefined) return found;
  const message = binary === undefined ? "there is no envd on PATH" : `there is no program ${binary}`;
  const field = binary === undefined ? undefined : "builderOptions.envd.binary";
  throw new ImageSpecError("ENVD_NOT_FOUND", message, { field, hint: install });
}

/**
 * The version, as 1.3.6.
 *
 * @throws ImageSpecError `ENVD_TOO_OLD`, also where it does not tell a version
 */
export async function checkVersion(program: EnvdProgram): Promise<string> {
  const said = await askEnvd(program, ["version", "-s"]);
  const [version, major, minor] = /\bv?((\d+)\.(\d+)\.\d+)/.exec(said)?.slice(1) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST;
  const isGood =
    Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
  if (version !== undefined && isGood) return version;
  const found = version === undefined ? "says no version" : `is envd ${version}`;
  throw new ImageSpecError("ENVD_TOO_OLD", `${program.binary} ${found}; at least 1.3 is needed`, {
    hint: install,
  });
}
