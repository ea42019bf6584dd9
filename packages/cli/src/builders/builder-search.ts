import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Where the command itself lies, and where it was called: a package manager may keep a package elsewhere than where it
 * links it, and what is installed beside it is beside the link.
 */
function commandFolders(): readonly string[] {
  const own = path.dirname(fileURLToPath(import.meta.url));
  const called = process.argv[1];
  return called === undefined ? [own] : [path.dirname(path.resolve(called)), own];
}

/** The folders whose packages are looked through for builders, in order. More may become known. */
export class BuilderSearch {
  readonly #folders: string[];

  /** @param folders absolute */
  constructor(folders: readonly string[]) {
    this.#folders = [...folders];
  }

  add(folders: readonly string[]): void {
    this.#folders.push(...folders);
  }

  /** Each once: those of the project, then the command's own. */
  get folders(): readonly string[] {
    return [...new Set([...this.#folders, ...commandFolders()])];
  }

  /** The same as what imports are resolved from. */
  get starts(): readonly string[] {
    return this.folders.map((folder) => pathToFileURL(`${folder}/`).href);
  }
}
