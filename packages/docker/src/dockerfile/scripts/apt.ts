import { MOUNTS } from "../recipe.ts";
import { defineScript, indent, places, type Script } from "./script.ts";

/** The base's sources with `$from` replaced by `$to` at the beginning of addresses. */
const replaceSources = `
export from to
mkdir ${MOUNTS}/apt.sources
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  if [ -f "$file" ]; then cp "$file" ${MOUNTS}/apt.sources/; fi
done
touch ${MOUNTS}/apt.sources/sources.list
while [ "$1" != -- ]; do
  from=$1 to=$2
  shift 2
  for file in ${MOUNTS}/apt.sources/*; do
    awk '{
      for (i = 1; i <= NF; i++) {
        rest = substr($i, length(ENVIRON["from"]) + 1)
        if (index($i, ENVIRON["from"]) == 1 && (rest == "" || substr(rest, 1, 1) == "/")) $i = ENVIRON["to"] rest
      }
      print
    }' "$file" >${MOUNTS}/apt.source
    cp ${MOUNTS}/apt.source "$file"
  done
done
`;

/**
 * Arguments: pairs of what addresses of sources begin with and what they are to begin with; `--`; packages. apt reads a configuration without the base's docker-clean, which would empty the cache that the
 * step mounts.
 */
export const installApt: Script = defineScript(
  "apt",
  `
mirrored=''
if [ "$1" != -- ]; then
  mirrored=yes
${indent(replaceSources)}
fi
shift
mkdir ${MOUNTS}/apt.conf.d
for file in /etc/apt/apt.conf.d/*; do
  case $file in */docker-clean) continue ;; esac
  if [ -f "$file" ]; then cp "$file" ${MOUNTS}/apt.conf.d/; fi
done
{
  echo 'Dir::Etc::Parts "${MOUNTS}/apt.conf.d";'
  echo 'Acquire::Retries "3";'
  if [ -n "$mirrored" ]; then
    echo 'Dir::Etc::SourceList "${MOUNTS}/apt.sources/sources.list"; Dir::Etc::SourceParts "${MOUNTS}/apt.sources";'
  fi
  if [ -f ${places.certificates} ]; then
    # What fetches is a user of its own.
    cp ${places.certificates} ${MOUNTS}/apt.pem
    chmod 0644 ${MOUNTS}/apt.pem
    echo 'Acquire::https::CAInfo "${MOUNTS}/apt.pem";'
  fi
} >${MOUNTS}/apt.conf
export APT_CONFIG=${MOUNTS}/apt.conf DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends -- "$@"
`,
);
