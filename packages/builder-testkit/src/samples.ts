import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ImageSpec } from "@imagespec/core";

/** The smallest project that uv locks: one without dependencies. */
const files: Readonly<Record<string, string>> = {
  "copied/data.txt": "a file of the builder's conformance suite\n",
  "locked/pyproject.toml": '[project]\nname = "sample"\nversion = "1"\nrequires-python = ">=3.9"\n',
  "locked/uv.lock":
    'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n\n[[package]]\nname = "sample"\nversion = "1"\nsource = { virtual = "." }\n',
};

/** Writes the files that the samples name. */
export async function writeSamples(folder: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** A spec that asks for a feature, and the same without it. */
export type Sample = Readonly<{ feature: string; spec: ImageSpec; without: ImageSpec }>;

/** A secret, and where it is mounted. */
export type SecretMount = readonly [source: string, target: string];

const locked: ImageSpec = { requirements: "locked/uv.lock" };
const packages: ImageSpec = { packages: ["six==1.16.0"] };

/** Without a Python of its own, and what CUDA is published for: some builders take no other base for these features. */
const bare: ImageSpec = { baseImage: "docker.io/library/ubuntu:22.04" };

/** A file of the suite's. */
const usualMount: SecretMount = ["copied/data.txt", "/run/secrets/sample"];

/** Of features that have to do with what is in the image. */
export const samples: readonly Sample[] = [
  { feature: "apt", spec: { aptPackages: ["figlet"] }, without: {} },
  { feature: "pip", spec: packages, without: {} },
  { feature: "lockfile", spec: locked, without: {} },
  { feature: "installProject", spec: { ...locked, installProject: true }, without: locked },
  { feature: "conda", spec: { ...bare, condaPackages: ["zlib"] }, without: bare },
  { feature: "cuda", spec: { ...bare, cuda: "12.4.1" }, without: bare },
  { feature: "files", spec: { copy: ["copied"] }, without: {} },
  { feature: "commands", spec: { commands: ["true"] }, without: {} },
  { feature: "entrypoint", spec: { entrypoint: ["sample-entrypoint"] }, without: {} },
  { feature: "labels", spec: { labels: { "org.example.sample": "1" } }, without: {} },
  {
    feature: "secrets",
    spec: { ...packages, pipSecretMounts: [usualMount] },
    without: packages,
  },
  { feature: "pythonExec", spec: { ...packages, pythonExec: "/opt/sample/bin/python" }, without: packages },
];

/** The same sample as the builder can be asked for it: some take no secrets but those that they store themselves. */
export function sampleFor(sample: Sample, mount: SecretMount | undefined): Sample {
  if (sample.feature !== "secrets" || mount === undefined) return sample;
  return { ...sample, spec: { ...sample.spec, pipSecretMounts: [mount] } };
}
