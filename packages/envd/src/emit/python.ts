import { findStep, parseImageReference } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** Python of conda's environment where the spec names none. */
const CONDA_PYTHON = "3.12";

function isVersion(found: string | undefined, wanted: string): boolean {
  return found === wanted || found?.startsWith(`${wanted}.`) === true;
}

/** The version that the tag of Docker's own Python image names: 3.12 of `3.12-slim-bookworm`. */
function officialVersion(reference: string): string | undefined {
  const { host, repository, tag } = parseImageReference(reference);
  const isOfficial = host === "docker.io" && repository === "library/python";
  return isOfficial ? /^\d[\w.]*/.exec(tag ?? "")?.[0] : undefined;
}

/** Our own image has the Python that it was asked for, whatever brought it. */
function plannedVersion({ base }: BuildPlan): string | undefined {
  return base.kind === "image" ? findStep(base.plan, "python")?.version : officialVersion(base.reference);
}

/** The version of the Python that comes with the base, as far as its name, plan or config tell. */
function baseVersion({ plan, base }: Emission): string | undefined {
  return base?.env.PYTHON_VERSION ?? plannedVersion(plan);
}

function refuseVersion(emission: Emission, version: string): boolean {
  const refuse = (message: string, hint: string): boolean => {
    emission.refuse(message, { code: "ENVD_PYTHON_VERSION", field: "pythonVersion", hint });
    return true;
  };
  if (!/^3(\.\d+){1,2}$/.test(version)) {
    return refuse(`envd cannot bring Python ${version}`, "it brings releases of Python 3, such as 3.12");
  }
  const found = baseVersion(emission);
  if (found !== undefined) {
    const hint = `name a base with Python ${version} (docker.io/library/python:${version}-slim), or one without`;
    return refuse(`the base's own Python ${found} would be used instead of ${version}`, hint);
  }
  if (emission.base?.env.VIRTUAL_ENV === undefined) return false;
  const message = `the base runs the environment ${emission.base.env.VIRTUAL_ENV}, whose Python is what it is`;
  return refuse(message, "leave out pythonVersion: packages go into that environment");
}

/** Conda's Python stands last on PATH. */
function refuseConda(emission: Emission): boolean {
  const found = baseVersion(emission);
  if (found === undefined) return false;
  emission.refuse(`the base's own Python ${found} would hide conda's`, {
    code: "ENVD_CONDA_BASE",
    field: "condaPackages",
    hint: "name a base without Python: docker.io/library/debian:bookworm, docker.io/library/ubuntu:22.04",
  });
  return true;
}

export function bringsConda({ plan }: Emission): boolean {
  return (findStep(plan, "conda")?.packages.length ?? 0) > 0;
}

/** The interpreter that envd is to bring: conda's, or one for a base that has none of the version. */
export function writePython(emission: Emission): void {
  const version = findStep(emission.plan, "python")?.version;
  const isConda = bringsConda(emission);
  if (isConda && refuseConda(emission)) return;
  const wanted = version ?? (isConda ? CONDA_PYTHON : undefined);
  if (wanted === undefined || (!isConda && isVersion(baseVersion(emission), wanted))) return;
  if (refuseVersion(emission, wanted)) return;
  if (isConda) emission.call("install.conda", { use_mamba: true });
  emission.call("install.python", { version: wanted });
}
