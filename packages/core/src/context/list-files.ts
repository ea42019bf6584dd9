import { type BigIntStats, lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, posix } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { contextChanged, readFault, systemCode } from "./file-errors.ts";
import { checkReadName, checkWrittenPath, readTarget } from "./file-name.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { leadsOut, symlinkEscapes } from "./symlink-escape.ts";

/** What tells that a file is still the same one with the same bytes. Times in nanoseconds since the epoch. */
export type FileIdentity = Readonly<{ device: bigint; inode: bigint; modified: bigint; changed: bigint }>;

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

export type ListFilesOptions = Readonly<{
  /** Absolute path of the folder that `path` and the rules are relative to. */
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

function toFile(path: string, hostPath: string, stats: BigIntStats): ListedFile {
  const { dev: device, ino: inode, mtimeNs: modified, ctimeNs: changed } = stats;
  const mode = (Number(stats.mode) & 0o100) === 0 ? 0o644 : 0o755;
  const identity = { device, inode, modified, changed };
  return { type: "file", path, hostPath, mode, size: Number(stats.size), identity };
}

function specialFile(path: string, field: string | undefined): ImageSpecError {
  return new ImageSpecError("SPEC_FILE_TYPE", `${JSON.stringify(path)} is a socket, a pipe or a device`, {
    field,
    file: path,
    hint: "an image holds files, folders and symlinks; leave it out by .dockerignore",
  });
}

/** Looks at one tree. Paths inside of it are relative to what is listed, `#within` of that are relative to the base. */
class Walk {
  readonly #options: ListFilesOptions;
  readonly #path: string;
  readonly #files: ListedFile[] = [];
  readonly #links = new Map<string, string>();
  readonly #readFolder: (folder: string) => readonly string[];
  #folders = 0;

  constructor(options: ListFilesOptions, path: string) {
    this.#options = options;
    this.#path = path;
    this.#readFolder = options.readFolder ?? ((folder) => readdirSync(folder));
  }

  async run(): Promise<readonly ListedFile[]> {
    const hostPath = this.#path === "" ? this.#options.base : `${this.#options.base}/${this.#path}`;
    await this.#look("", hostPath);
    this.#checkLinks();
    return this.#files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async #look(path: string, hostPath: string): Promise<void> {
    const stats = this.#stat(path, hostPath);
    const within = path === "" ? this.#path : join(this.#path, path);
    if (stats.isDirectory()) return this.#lookInside(path, { hostPath, within });
    if (this.#options.rules.excludes(within, false)) return;
    if (stats.isFile()) this.#files.push(toFile(path, hostPath, stats));
    else if (stats.isSymbolicLink()) this.#addLink(path, hostPath);
    else throw specialFile(within, this.#options.field);
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

  async #lookInside(path: string, { hostPath, within }: { hostPath: string; within: string }): Promise<void> {
    const { rules } = this.#options;
    if (within !== "" && rules.prunes(within)) return;
    const place = this.#files.length;
    for (const name of await this.#namesOf(hostPath)) {
      checkReadName(name, hostPath);
      await this.#look(join(path, name), `${hostPath}/${name}`);
    }
    const kept = this.#files.length > place || within === "" || !rules.excludes(within, true);
    if (kept) this.#files.push({ type: "directory", path, hostPath });
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

function outside(path: string, field: string | undefined): ImageSpecError {
  return new ImageSpecError(
    "SPEC_PATH_OUTSIDE",
    `${JSON.stringify(path)} leads out of the working directory`,
    {
      field,
      hint: "name a path below the working directory",
    },
  );
}

/** The path in its shortest form. Its folders may be symlinks, but not to a place outside of the base. */
function checkedPath({ base, path = "", field }: ListFilesOptions): string {
  checkWrittenPath(path);
  const normal = posix.normalize(path).replace(/\/$/, "");
  if (posix.isAbsolute(path) || normal === ".." || normal.startsWith("../")) throw outside(path, field);
  if (normal === "." || normal === "") return "";
  try {
    const root = realpathSync(base);
    const parent = realpathSync(dirname(`${base}/${normal}`));
    if (parent !== root && !parent.startsWith(root === "/" ? "/" : `${root}/`)) throw outside(path, field);
  } catch (error) {
    throw ImageSpecError.isInstance(error) ? error : readFault(error, { path: normal, field });
  }
  return normal;
}

/**
 * The only walk: what is listed here is what is hashed and what is sent. Sorted by path in code units, so that a
 * folder comes before what it holds and neither the locale nor the order of the file system counts; the listed path
 * itself is `""`. Symlinks are not followed. Modes are normalised, so that the umask does not count.
 *
 * @throws {ImageSpecError} `SPEC_FILE_NOT_FOUND`, `SPEC_FILE_UNREADABLE`, `SPEC_PATH_OUTSIDE`, `SPEC_FILE_NAME`
 * (bytes that are not UTF-8), `SPEC_FILE_TYPE` (sockets, pipes, devices), `SPEC_FILE_IGNORED` (the path itself is left
 * out), `SPEC_SYMLINK_ESCAPES`, `CONTEXT_CHANGED`.
 */
export async function listFiles(options: ListFilesOptions): Promise<readonly ListedFile[]> {
  const path = checkedPath(options);
  const files = await new Walk(options, path).run();
  if (files.length > 0) return files;
  throw new ImageSpecError("SPEC_FILE_IGNORED", `${JSON.stringify(path)} is left out by the ignore rules`, {
    field: options.field,
    file: path,
    hint: "take it out of .dockerignore; .git, __pycache__, *.pyc and .cache are always left out",
  });
}
