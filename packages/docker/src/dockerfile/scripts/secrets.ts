import { MOUNTS } from "../recipe.ts";
import { defineScript, places, type Script } from "./script.ts";

/**
 * A mount at a path of the image would leave an empty file and folders in the layer, so secrets are mounted elsewhere
 * and linked to. What stands at the path is put aside.
 */
const placeFiles = `
# link NUMBER PATH
link() {
  [ ! -d "$2" ] || fail "the target of a secret is a folder of this image: $2"
  if [ -e "$2" ] || [ -L "$2" ]; then mv "$2" "${MOUNTS}/kept.$1"; fi
  made='' folder=$(dirname "$2")
  while [ ! -d "$folder" ]; do
    made=$folder folder=$(dirname "$folder")
  done
  printf '%s\\n' "$made" >"${MOUNTS}/made.$1"
  printf '%s\\n' "$2" >"${MOUNTS}/target.$1"
  mkdir -p "$(dirname "$2")"
  ln -s "${places.secrets}/$1" "$2"
}

count=0
for secret; do
  [ "$secret" != -- ] || break
  count=$((count + 1))
  case $secret in
  netrc:) link "$count" "\${HOME:-/root}/.netrc" ;;
  file:*) link "$count" "\${secret#file:}" ;;
  esac
done
`;

/** In a shell of its own: no variable that a secret is called by meets one of ours. */
const runCommand = `
(
  cd "$OLDPWD"
  imagespec_path=$path imagespec_count=0
  while [ "$1" != -- ]; do
    imagespec_count=$((imagespec_count + 1))
    case $1 in
    netrc:) export NETRC="${places.secrets}/$imagespec_count" ;;
    variable:*) export "\${1#variable:}=$(cat "${places.secrets}/$imagespec_count")" ;;
    esac
    shift
  done
  shift
  unset OLDPWD
  PATH=$imagespec_path
  exec "$@"
)
`;

/** As if no secret had been there: the last one first, for it may lie in a folder that was made for another. */
const removeFiles = `
while [ "$count" -gt 0 ]; do
  if [ -f "${MOUNTS}/target.$count" ]; then
    target=$(cat "${MOUNTS}/target.$count")
    rm -f "$target"
    if [ -e "${MOUNTS}/kept.$count" ] || [ -L "${MOUNTS}/kept.$count" ]; then
      mv "${MOUNTS}/kept.$count" "$target"
    fi
    made=$(cat "${MOUNTS}/made.$count") folder=$(dirname "$target")
    while [ -n "$made" ] && rmdir "$folder" 2>/dev/null && [ "$folder" != "$made" ]; do
      folder=$(dirname "$folder")
    done
  fi
  count=$((count - 1))
done
`;

/**
 * Arguments: where each secret is to be found (`file:PATH`, `variable:NAME` or `netrc:`), `--`, and a command. That runs
 * as it would without, in the work directory, and finds them there.
 */
export const lendSecrets: Script = defineScript("secrets", placeFiles, runCommand, removeFiles);
