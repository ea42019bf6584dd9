import { CONTEXT_FOLDER, MOUNTS } from "../recipe.ts";

/**
 * A shell script of our own, for any POSIX shell. It is a file of the context that a step mounts and runs as
 * `sh -e FILE ARGUMENT…`. Every value comes as an argument: no script is put together from values.
 */
export type Script = Readonly<{ name: string; text: string; takesSecrets: boolean }>;

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

const { certificates, secrets } = places;

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

/**
 * A mount at a path of the image would leave an empty file and folders in the layer, so secrets are mounted elsewhere
 * and linked to. What stands at the path is put aside.
 */
const placeSecrets = `
# link NUMBER PATH
link() {
  [ ! -d "$2" ] || fail "the target of a secret is a folder of this image: $2"
  if [ -e "$2" ] || [ -L "$2" ]; then mv "$2" "${MOUNTS}/kept.$1"; fi
  made='' folder=$(dirname "$2")
  while [ ! -d "$folder" ]; do
    made=$folder folder=$(dirname "$folder")
  done
  echo "$made" >"${MOUNTS}/made.$1"
  echo "$2" >"${MOUNTS}/target.$1"
  mkdir -p "$(dirname "$2")"
  ln -s "${secrets}/$1" "$2"
}

count=0
while [ "$1" != -- ]; do
  count=$((count + 1))
  case $1 in
  variable:*) export "\${1#variable:}=$(cat "${secrets}/$count")" ;;
  netrc:)
    export NETRC="${secrets}/$count"
    link "$count" "\${HOME:-/root}/.netrc"
    ;;
  file:*) link "$count" "\${1#file:}" ;;
  esac
  shift
done
shift
`;

/** As if no secret had been there. */
const removeSecrets = `
for file in ${MOUNTS}/target.*; do
  [ -f "$file" ] || continue
  number=\${file##*.} target=$(cat "$file")
  rm "$target"
  if [ -e "${MOUNTS}/kept.$number" ] || [ -L "${MOUNTS}/kept.$number" ]; then
    mv "${MOUNTS}/kept.$number" "$target"
  fi
  made=$(cat "${MOUNTS}/made.$number") folder=$(dirname "$target")
  while [ -n "$made" ] && rmdir "$folder" 2>/dev/null && [ "$folder" != "$made" ]; do
    folder=$(dirname "$folder")
  done
done
`;

/** A part that stands within another one. */
export function indent(part: string): string {
  return part.trim().replace(/^(?=.)/gm, "  ");
}

function join(parts: readonly string[]): string {
  return `#!/bin/sh -e\n${[begin, ...parts].map((part) => part.trim()).join("\n\n")}\n`;
}

export function defineScript(name: string, ...parts: readonly string[]): Script {
  return { name, text: join(parts), takesSecrets: false };
}

/** For a script that runs tools of others: what they leave in passing does not reach the layer. */
const makeTemporary = `
TMPDIR=$(mktemp -d)
export TMPDIR PYTHONDONTWRITEBYTECODE=1
`;

const removeTemporary = `
rm -rf "$TMPDIR"
`;

/** Before its own arguments there is one for each secret, and `--`. */
export function defineOnlineScript(name: string, ...parts: readonly string[]): Script {
  const text = join([makeTemporary, placeSecrets, ...parts, removeSecrets, removeTemporary]);
  return { name, text, takesSecrets: true };
}
