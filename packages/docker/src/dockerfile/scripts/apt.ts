import { MOUNTS } from "../recipe.ts";
import { defineScript, places, type Script } from "./script.ts";

/**
 * Arguments: packages. apt reads a configuration without the base's docker-clean, which would empty the cache that the
 * step mounts.
 */
export const installApt: Script = defineScript(
  "apt",
  `
mkdir ${MOUNTS}/apt.conf.d
for file in /etc/apt/apt.conf.d/*; do
  case $file in */docker-clean) continue ;; esac
  if [ -f "$file" ]; then cp "$file" ${MOUNTS}/apt.conf.d/; fi
done
{
  echo 'Dir::Etc::Parts "${MOUNTS}/apt.conf.d";'
  echo 'Acquire::Retries "3";'
  if [ -f ${places.certificates} ]; then echo 'Acquire::https::CAInfo "${places.certificates}";'; fi
} >${MOUNTS}/apt.conf
export APT_CONFIG=${MOUNTS}/apt.conf DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends -- "$@"
`,
);
