import { MOUNTS } from "../../dockerfile/recipe.ts";
import { wrapShells } from "./run-shell.ts";

/** The secret that holds a shell script which sets the variables of a proxy. */
export const PROXY_SECRET_ID = "imagespec-proxy";

const file = `${MOUNTS}/proxy`;

/**
 * podman's API hands the arguments of proxies to no step. So each step gets them as a secret, which leaves them out of
 * the image and its history as well.
 */
export function withProxySecret(dockerfile: string): string {
  const option = `--mount=type=secret,id=${PROXY_SECRET_ID},target=${file}`;
  return wrapShells(dockerfile, () => ({ option, script: `. ${file}; exec "$@"`, name: "sh" }));
}

/** What the secret holds. */
export function proxyScript(proxies: Readonly<Record<string, string>>): string {
  const lines = Object.entries(proxies).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`,
  );
  return lines.join("");
}
