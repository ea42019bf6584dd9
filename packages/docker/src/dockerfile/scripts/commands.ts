import { places } from "./script.ts";

/** For the user's own commands: uv is at hand, and what it and pip download stays out of the layer. */
export const prepareCommands: string = `export PATH="$PATH:${places.bin}" UV_CACHE_DIR=${places.cache}/uv UV_LINK_MODE=copy PIP_CACHE_DIR=${places.cache}/pip`;
