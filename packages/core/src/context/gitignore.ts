import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ignore, { type Ignore } from "ignore";
import type { IgnoreRules } from "./ignore-rules.ts";
import { readIgnoreFile } from "./read-ignore-file.ts";

/** The folder that holds `.git`, at or above the given one; undefined outside of a repository. */
function repositoryRoot(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryRoot(parent);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * gitignore(5) for the files of a tree alone: no index, no `info/exclude`, no global file. A path in a folder that is
 * left out is left out, whatever a deeper file says.
 */
class GitignoreRules implements IgnoreRules {
  readonly #root: string;
  /** Where the tested paths start, relative to the root, with a slash at its end or empty. */
  readonly #prefix: string;
  readonly #files = new Map<string, Ignore | undefined>();
  readonly #folders = new Map<string, boolean>([["", false]]);

  constructor(base: string) {
    this.#root = repositoryRoot(base) ?? base;
    const prefix = relative(this.#root, base);
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
  }

  excludes(path: string, isDirectory: boolean): boolean {
    return this.#excludes(this.#prefix + path, isDirectory);
  }

  prunes(directory: string): boolean {
    return this.excludes(directory, true);
  }

  #excludes(path: string, isDirectory: boolean): boolean {
    return this.#excludesFolder(parentOf(path)) || this.#matches(path, isDirectory);
  }

  #excludesFolder(folder: string): boolean {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const excluded = this.#excludes(folder, true);
    this.#folders.set(folder, excluded);
    return excluded;
  }

  /** The nearest file that says anything about the path decides. */
  #matches(path: string, isDirectory: boolean): boolean {
    const tested = isDirectory ? `${path}/` : path;
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const below = folder === "" ? tested : tested.slice(folder.length + 1);
      const verdict = this.#file(folder)?.test(below);
      if (verdict?.ignored) return true;
      if (verdict?.unignored || folder === "") return false;
    }
  }

  #file(folder: string): Ignore | undefined {
    if (this.#files.has(folder)) return this.#files.get(folder);
    // git does not follow a symlink in this place either.
    const lines = readIgnoreFile(join(this.#root, folder, ".gitignore"), { followLink: false });
    const rules = lines.length === 0 ? undefined : ignore({ ignorecase: false }).add([...lines]);
    this.#files.set(folder, rules);
    return rules;
  }
}

/**
 * The rules of the `.gitignore` files at, below and above a folder, up to the root of its repository.
 * @param base Absolute path; the tested paths are relative to it.
 * @throws {ImageSpecError} `SPEC_FILE_UNREADABLE`, by the methods too.
 */
export function gitignoreRules(base: string): IgnoreRules {
  return new GitignoreRules(base);
}
