import { defineScript, places, type Script } from "./script.ts";

/** `$1`: where they are to lie. */
export const keepCertificates: Script = defineScript(
  "certificates",
  `
mkdir -p "$(dirname "$1")"
cp ${places.certificates} "$1"
chmod 0644 "$1"
`,
);
