import { homedir } from "node:os";
import path from "node:path";

/** Where the command keeps what it can make again: `imagespec` in `$XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_CACHE_HOME;
  return path.join(given && path.isAbsolute(given) ? given : path.join(homedir(), ".cache"), "imagespec");
}
