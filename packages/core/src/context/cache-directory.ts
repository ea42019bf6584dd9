import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where what can be made again is kept: `imagespec` in `$XDG_CACHE_HOME`, else in `~/.cache`.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_CACHE_HOME;
  return join(given && isAbsolute(given) ? given : join(homedir(), ".cache"), "imagespec");
}
