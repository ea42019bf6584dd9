import { defineScript, type Script } from "./script.ts";

/**
 * `$1`: the user. `$2`: a folder that becomes the user's; then folders that the user must be able to pass, where they
 * are there.
 */
export const grantAccess: Script = defineScript(
  "work-directory",
  `
user=$1
mkdir -p "$2"
chown "$user" "$2"
shift 2
for folder in "$@"; do
  [ -d "$folder" ] || continue
  case $(ls -ld "$folder/") in
  ?????????[xt]*) ;;
  *) chmod o+x "$folder" ;;
  esac
done
`,
);

/** `$1`: target, `$2`: path of the link, `$3`: its owner or nothing. */
export const makeLink: Script = defineScript(
  "link",
  `
mkdir -p "$(dirname "$2")"
ln -sfn -- "$1" "$2"
if [ -n "$3" ]; then chown -h "$3" "$2"; fi
`,
);
