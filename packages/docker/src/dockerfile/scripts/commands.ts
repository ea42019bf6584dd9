import { places } from "./script.ts";

const tools = `export PATH="$PATH:${places.bin}" UV_CACHE_DIR=${places.cache}/uv UV_LINK_MODE=copy PIP_CACHE_DIR=${places.cache}/pip`;

/** What uv takes of itself only where it is a virtual environment. */
const runPython =
  'if [ -z "${VIRTUAL_ENV:-}${UV_PYTHON:-}" ] && command -v python3 >/dev/null; then export UV_PYTHON="$(command -v python3)"; fi';

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * For the user's own commands: uv is at hand, what it and pip download stays out of the layer, and both install into
 * the environment that packages go to. One line, so that whoever is shown the commands is not shown this.
 *
 * @param interpreter the one that the spec names, or nothing
 */
export function prepareCommands(interpreter: string): string {
  const python = interpreter === "" ? runPython : `export UV_PYTHON=${quote(interpreter)}`;
  return `${tools} UV_BREAK_SYSTEM_PACKAGES=1 PIP_BREAK_SYSTEM_PACKAGES=1; ${python}`;
}
