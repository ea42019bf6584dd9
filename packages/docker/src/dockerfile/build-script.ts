import { quoteShell } from "@imagespec/core";
import type { Emission, ExpectedSecret } from "./emission.ts";

const HEADER = [
  "#!/bin/sh",
  "# Builds the image of this folder. Arguments go to docker build: ./build.sh --tag NAME",
  "set -eu",
  "export DOCKER_BUILDKIT=1",
];

function secretVariable(index: number): string {
  return `SECRET_${index + 1}`;
}

function askForSecret({ id, target }: ExpectedSecret, index: number): string {
  const text = `path of a file with the secret ${id} (${target})`.replace(/[^\w /.,:@+=()-]/g, "?");
  return `: "\${${secretVariable(index)}:?${text}}"`;
}

/** `docker build` reads the value as a line of CSV. */
function secretOption({ id }: ExpectedSecret, index: number): string {
  return `--secret ${quoteShell(`"id=${id}","src=`)}"$${secretVariable(index)}"'"'`;
}

/**
 * The command that builds an emitted folder: a Dockerfile alone does not say which platform, build arguments and
 * secrets go with it.
 */
export function buildScript(emission: Emission): string {
  const secrets = [...emission.secrets.values()];
  const values = [...emission.buildArguments].map(
    ([name, value]) => `--build-arg ${quoteShell(`${name}=${value}`)}`,
  );
  const words = [
    "exec docker build",
    `--platform ${quoteShell(emission.plan.platforms.join(","))}`,
    ...values,
    ...secrets.map(secretOption),
    '"$@" "$(dirname "$0")"',
  ];
  return `${[...HEADER, ...secrets.map(askForSecret), words.join(" \\\n  ")].join("\n")}\n`;
}
