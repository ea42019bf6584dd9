import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { contextChanged, readFault, systemCode } from "./file-errors.ts";
import { FileIdentities, type FileIdentity } from "./file-identity.ts";
import { checkReadName, readTarget } from "./file-name.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { resolvePath } from "./resolve-path.ts";
import { leadsOut, symlinkEscapes } from "./symlink-escape.ts";

/** A file, folder or symlink of the host, as it will be in the image. `path` is relative to what was listed. */
export type ListedFile = Readonly<
  | {
      type: "file";
      path: string;
      hostPath: string;
      mode: 0o755 | 0o644;
      size: number;
      identity: FileIdentity;
    }
  | { type: "directory"; path: string; hostPath: string }
  | { type: "symlink"; path: string; hostPath: string; target: string }
>;

export type RegularFile = Extract<ListedFile, { type: "file" }>;

export type ListFilesOptions = Readonly<{
  /** Absolute path of the folder that `path` and the rules are relative to; it may be a symlink to one. */
  base: string;
  /** What is listed: a folder, a file or a symlink below `base`; `""`, the default, is `base` itself. */
  path?: string | undefined;
  rules: IgnoreRules;
  /**
   * The folder that relative symlinks may not leave: relative to `base`, `path` itself or above it. Default: `path`,
   * so that every link leads to what is listed with it.
   */
  boundary?: string | undefined;
  /** The spec's field that names the path, for errors. */
  field?: string | undefined;
  signal?: AbortSignal | undefined;
  /** In place of the file system's listing of a folder, whose order never counts. */
  readFolder?: ((folder: string) => readonly string[]) | undefined;
}>;

/** How many folders are read before others get a turn. */
const foldersPerTurn = 64;

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

type PlaceInSpec = Readonly<{ path: string; field: string | undefined }>;

function notAFolder({ path, field }: PlaceInSpec): ImageSpecError {
  const hint = "name a folder; copy takes single files";
  return new ImageSpecError("SPEC_FILE_TYPE", `${JSON.stringify(path)} is no folder`, {
    field,
    file: path,
    hint,
  });
}

function specialFile({ path, field }: PlaceInSpec): ImageSpecError {
  return new ImageSpecError("SPEC_FILE_TYPE", `${JSON.stringify(path)} is a socket, a pipe or a device`, {
    field,
    file: path,
    hint: "an image holds files, folders and symlinks; leave others out by .dockerignore",
  });
}

/** In code units. What the walk found is nearly in this order, and sorting that is quick. */
function comparePaths(a: ListedFile, b: ListedFile): number {
  return a.path < b.path ? -1 : 1;
}

/** A path of the host, absolute and as the rules name it. */
type Place = Readonly<{ hostPath: string; within: string }>;

/** inode(7) */
const fileType = { mask: 0o170000, folder: 0o040000, file: 0o100000, symlink: 0o120000 } as const;

/** Looks at one tree; `path` is relative to what is listed. */
class Walk {
  readonly #options: ListFilesOptions;
  readonly #path: string;
  readonly #files: ListedFile[] = [];
  readonly #identities = new FileIdentities();
  readonly #links = new Map<string, string>();
  readonly #readFolder: (folder: string) => readonly string[];
  #folders = 0;

  constructor(options: ListFilesOptions, path: string) {
    this.#options = options;
    this.#path = path;
    this.#readFolder = options.readFolder ?? ((folder) => readdirSync(folder).sort());
  }

  async run(hostPath: string): Promise<readonly ListedFile[]> {
    const place = { hostPath, within: this.#path };
    if (this.#look("", place)) await this.#lookInside("", place);
    else if (this.#path === "") throw notAFolder({ path: this.#options.base, field: this.#options.field });
    this.#checkLinks();
    return this.#files.sort(comparePaths);
  }

  /** Adds what is there; returns true for a folder, which is still to be read. */
  #look(path: string, place: Place): boolean {
    const stats = this.#stat(path, place.hostPath);
    const kind = Number(stats.mode) & fileType.mask;
    if (kind === fileType.folder) return true;
    if (this.#options.rules.excludes(place.within, false)) return false;
    if (kind === fileType.file) this.#addFile(path, place.hostPath, stats);
    else if (kind === fileType.symlink) this.#addLink(path, place.hostPath);
    else throw specialFile({ path: place.within, field: this.#options.field });
    return false;
  }

  #stat(path: string, hostPath: string): BigIntStats {
    try {
      return lstatSync(hostPath, { bigint: true });
    } catch (error) {
      const gone = path !== "" && systemCode(error) === "ENOENT";
      throw gone
        ? contextChanged(hostPath, error)
        : readFault(error, { path: hostPath, field: this.#options.field });
    }
  }

  async #lookInside(path: string, { hostPath, within }: Place): Promise<void> {
    const { rules } = this.#options;
    if (within !== "" && rules.prunes(within)) return;
    const before = this.#files.length;
    this.#files.push({ type: "directory", path, hostPath });
    for (const name of await this.#namesOf(hostPath)) {
      checkReadName(name, hostPath);
      const below = join(path, name);
      const place = { hostPath: `${hostPath}/${name}`, within: join(within, name) };
      if (this.#look(below, place)) await this.#lookInside(below, place);
    }
    const isEmpty = this.#files.length === before + 1;
    if (isEmpty && within !== "" && rules.excludes(within, true)) this.#files.pop();
  }

  async #namesOf(folder: string): Promise<readonly string[]> {
    if (++this.#folders % foldersPerTurn === 0) await setImmediate();
    this.#options.signal?.throwIfAborted();
    try {
      return this.#readFolder(folder);
    } catch (error) {
      throw readFault(error, { path: folder, field: this.#options.field });
    }
  }

  #addFile(path: string, hostPath: string, stats: BigIntStats): void {
    const mode = (Number(stats.mode) & 0o100) === 0 ? 0o644 : 0o755;
    const identity = this.#identities.add(stats);
    this.#files.push({ type: "file", path, hostPath, mode, size: Number(stats.size), identity });
  }

  #addLink(path: string, hostPath: string): void {
    const target = readTarget(hostPath);
    this.#files.push({ type: "symlink", path, hostPath, target });
    this.#links.set(path, target);
  }

  #checkLinks(): void {
    const boundary = this.#options.boundary ?? this.#path;
    const above = this.#path === boundary ? "" : this.#path.slice(boundary === "" ? 0 : boundary.length + 1);
    const links = new Map(
      [...this.#links].map(([path, target]) => [above === "" ? path : posix.join(above, path), target]),
    );
    for (const [path, target] of links) {
      if (leadsOut(path, links))
        throw symlinkEscapes({ path: join(boundary, path), target, field: this.#options.field });
    }
  }
}

/**
 * The only walk: what is listed here is what is hashed and what is sent. Sorted by path in code units, so that a
 * folder comes before what it holds and neither the locale nor the order of the file system counts; the listed path
 * itself is `""`. Symlinks are not followed. Modes are normalised, so that the umask does not count.
 *
 * @throws {ImageSpecError} `SPEC_FILE_NOT_FOUND`, `SPEC_FILE_UNREADABLE`, `SPEC_PATH_OUTSIDE`, `SPEC_FILE_NAME`
 * (bytes that are not UTF-8), `SPEC_FILE_TYPE` (sockets, pipes, devices; a base that is no folder),
 * `SPEC_FILE_IGNORED` (the path itself is left out), `SPEC_SYMLINK_ESCAPES`, `CONTEXT_CHANGED`.
 */
export async function listFiles(options: ListFilesOptions): Promise<readonly ListedFile[]> {
  const { path, hostPath } = resolvePath(options);
  const files = await new Walk(options, path).run(hostPath);
  if (files.length > 0) return files;
  throw new ImageSpecError("SPEC_FILE_IGNORED", `${JSON.stringify(path)} is left out by the ignore rules`, {
    field: options.field,
    file: path,
    hint: "take it out of .dockerignore; .git, __pycache__, *.pyc and .cache are always left out",
  });
}
