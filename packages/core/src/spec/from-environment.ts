import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { defineImage } from "./define-image.ts";
import type { ImageSpec } from "./image-spec.ts";

/** Which Python environment is asked, and for what of it. */
export type EnvironmentOptions = Readonly<{
  /** The interpreter of the environment: a path, or a name on PATH. Default `python3`. */
  python?: string | undefined;
  /** Only these distributions. Default: all that the environment holds. */
  packages?: readonly string[] | undefined;
}>;

type Environment = Readonly<{ version: string; packages: Readonly<Record<string, string>> }>;

const question = `
import json, sys
from importlib import metadata
found = {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"]}
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "packages": found}))
`;

const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

async function ask(python: string): Promise<Environment> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-I", "-c", question], { maxBuffer: 64 << 20 });
    return JSON.parse(stdout) as Environment;
  } catch (cause) {
    throw new ImageSpecError("ENVIRONMENT_UNREADABLE", `${python} did not say what its environment holds`, {
      hint: "name the environment's interpreter: { python: '.venv/bin/python' }",
      cause,
    });
  }
}

function select(found: Environment["packages"], wanted: readonly string[] | undefined): [string, string][] {
  const entries = Object.entries(found);
  if (!wanted) return entries;
  return wanted.map((name) => {
    const entry = entries.find(([one]) => normal(one) === normal(name));
    if (entry) return entry;
    throw new ImageSpecError("ENVIRONMENT_PACKAGE", `the environment does not hold ${name}`, {
      hint: "install it there, or leave it out",
    });
  });
}

/**
 * A new spec pinned to a Python environment of this machine: its Python version, and its packages at the versions
 * that it holds.
 *
 * @throws ImageSpecError `ENVIRONMENT_UNREADABLE`, `ENVIRONMENT_PACKAGE`
 */
export async function fromEnvironment(spec: ImageSpec, options: EnvironmentOptions = {}): Promise<ImageSpec> {
  const found = await ask(options.python ?? "python3");
  const pinned = select(found.packages, options.packages).map(([name, version]) => `${name}==${version}`);
  const packages = [...(spec.packages ?? []), ...pinned];
  return defineImage({ ...spec, pythonVersion: spec.pythonVersion ?? found.version, packages });
}
