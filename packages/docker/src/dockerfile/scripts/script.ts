import { CONTEXT_FOLDER, MOUNTS } from "../recipe.ts";

/**
 * A shell script of our own, for any POSIX shell. It is a file of the context that a step mounts and runs as
 * `sh -e FILE ARGUMENT…`. Every value comes as an argument: no script is put together from values.
 */
export type Script = Readonly<{ name: string; text: string }>;

type Place =
  | "bin"
  | "uv"
  | "micromamba"
  | "uvSource"
  | "poetry"
  | "context"
  | "secrets"
  | "certificates"
  | "cache";

/** Where steps find what they mount. */
export const places: Readonly<Record<Place, string>> = {
  bin: `${MOUNTS}/bin`,
  uv: `${MOUNTS}/bin/uv`,
  micromamba: `${MOUNTS}/bin/micromamba`,
  uvSource: `${MOUNTS}/uv`,
  poetry: `${MOUNTS}/poetry`,
  context: `${MOUNTS}/context`,
  secrets: `${MOUNTS}/secrets`,
  certificates: `${MOUNTS}/ca.pem`,
  cache: `${MOUNTS}/cache`,
};

export function scriptSource({ name }: Script): string {
  return `${CONTEXT_FOLDER}/${name}.sh`;
}

export function scriptTarget({ name }: Script): string {
  return `${MOUNTS}/${name}.sh`;
}

const { certificates } = places;

/** By which programs find certificates, each in its own way. */
export const certificateVariables = [
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "PIP_CERT",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "NODE_EXTRA_CA_CERTS",
] as const;

function exportLine(names: readonly string[]): string {
  return `export ${names.map((name) => `${name}=${certificates}`).join(" ")}`;
}

export const trustCertificates: string = [
  exportLine(certificateVariables.slice(0, 3)),
  exportLine(certificateVariables.slice(3)),
].join("\n");

/** The image's PATH is kept in `$path`, and what scripts need is found whatever it holds. */
const begin = `path=$PATH
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Nothing of the image's work directory is to be imported or read as configuration.
cd ${MOUNTS}

fail() {
  echo "imagespec: $1" >&2
  exit "\${2:-1}"
}

if [ -f ${certificates} ]; then
${trustCertificates.replace(/^/gm, "  ")}
fi
`;

/** A part that stands within another one. */
export function indent(part: string): string {
  return part.trim().replace(/^(?=.)/gm, "  ");
}

function join(parts: readonly string[]): string {
  return `#!/bin/sh -e\n${[begin, ...parts].map((part) => part.trim()).join("\n\n")}\n`;
}

export function defineScript(name: string, ...parts: readonly string[]): Script {
  return { name, text: join(parts) };
}

/** For a script that runs tools of others: what they leave in passing does not reach the layer. */
const makeTemporary = `
TMPDIR=$(mktemp -d)
export TMPDIR PYTHONDONTWRITEBYTECODE=1
`;

const removeTemporary = `
rm -rf "$TMPDIR"
`;

export function defineOnlineScript(name: string, ...parts: readonly string[]): Script {
  return defineScript(name, makeTemporary, ...parts, removeTemporary);
}
