import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { compileGitPattern, type GitPattern, gitBytes } from "./git-pattern.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { type IgnoreFileReader, readIgnoreFile } from "./read-ignore-file.ts";

/** The folder that holds `.git`, at or above the given one; undefined outside of a repository. */
function repositoryRoot(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryRoot(parent);
}

/** Where the folder really is; one that is not there has no rules, and those who list it say so. */
function realFolder(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What holds for all that lies directly in one folder. */
type FolderRules = Readonly<{
  path: string;
  excluded: boolean;
  /** The ignore files at and above it, the nearest first. */
  files: readonly IgnoreFile[];
}>;
type IgnoreFile = Readonly<{ folder: string; patterns: readonly GitPattern[] }>;
type TestedPath = Readonly<{ path: string; isFolder: boolean }>;

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The last pattern of the nearest file that says anything about the path decides. */
function isExcludedBy(files: readonly IgnoreFile[], { path, isFolder }: TestedPath): boolean {
  const name = gitBytes(nameOf(path));
  for (const { folder, patterns } of files) {
    const below = gitBytes(folder === "" ? path : path.slice(folder.length + 1));
    const last = patterns.findLast((one) => (isFolder || !one.folderOnly) && one.matches(below, name));
    if (last) return !last.exception;
  }
  return false;
}

/**
 * gitignore(5) for the files of a tree alone: no index, no `info/exclude`, no global file. A path in a folder that is
 * left out is left out, whatever a deeper file says.
 */
class GitignoreRules implements IgnoreRules {
  readonly #read: IgnoreFileReader;
  readonly #root: string;
  /** Where the tested paths start, relative to the root, with a slash at its end or empty. */
  readonly #prefix: string;
  readonly #folders = new Map<string, FolderRules>();
  #latest: FolderRules;

  constructor(base: string, read: IgnoreFileReader) {
    this.#read = read;
    const folder = realFolder(base);
    this.#root = repositoryRoot(folder) ?? folder;
    const prefix = relative(this.#root, folder);
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.#latest = { path: "", excluded: false, files: this.#filesAt("", []) };
    this.#folders.set("", this.#latest);
  }

  excludes(path: string, isDirectory: boolean): boolean {
    return this.#excludes(this.#prefix + path, isDirectory);
  }

  prunes(directory: string): boolean {
    return this.excludes(directory, true);
  }

  #excludes(path: string, isDirectory: boolean): boolean {
    const { excluded, files } = this.#folder(parentOf(path));
    if (excluded || files.length === 0) return excluded;
    return isExcludedBy(files, { path, isFolder: isDirectory });
  }

  #folder(path: string): FolderRules {
    if (this.#latest.path === path) return this.#latest;
    this.#latest = this.#folders.get(path) ?? this.#enter(path);
    return this.#latest;
  }

  #enter(path: string): FolderRules {
    const above = this.#folder(parentOf(path));
    const excluded = this.#excludes(path, true);
    const folder = { path, excluded, files: excluded ? [] : this.#filesAt(path, above.files) };
    this.#folders.set(path, folder);
    return folder;
  }

  #filesAt(folder: string, above: readonly IgnoreFile[]): readonly IgnoreFile[] {
    // git does not follow a symlink in this place either.
    const lines = this.#read(join(this.#root, folder, ".gitignore"), { followLink: false });
    const patterns = lines.map(compileGitPattern).filter((pattern) => pattern !== undefined);
    return patterns.length === 0 ? above : [{ folder, patterns }, ...above];
  }
}

/**
 * The rules of the `.gitignore` files at, below and above a folder, up to the root of its repository.
 * @param base Absolute path; the tested paths are relative to it.
 * @throws {ImageSpecError} `SPEC_FILE_UNREADABLE`, by the methods too.
 */
export function gitignoreRules(base: string, read: IgnoreFileReader = readIgnoreFile): IgnoreRules {
  return new GitignoreRules(base, read);
}
