import { realpathSync } from "node:fs";
import { posix } from "node:path";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { type PathPlace, readFault } from "./file-errors.ts";
import { checkWrittenPath } from "./file-name.ts";

type WrittenPath = Readonly<{ base: string; path?: string | undefined; field?: string | undefined }>;

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

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/**
 * A path below a folder, in its shortest form (`""` for the folder itself) and as the host finds it. The folder may be
 * a symlink; what leads to the path may be symlinks too, but not to a place outside of the folder.
 * @throws {ImageSpecError} `SPEC_PATH_OUTSIDE`, `SPEC_FILE_NAME`, `SPEC_FILE_NOT_FOUND`, `SPEC_FILE_UNREADABLE`
 */
export function resolvePath({
  base,
  path = "",
  field,
}: WrittenPath): Readonly<{ path: string; hostPath: string }> {
  checkWrittenPath(path);
  const normal = posix.normalize(path).replace(/^\.\/?$|\/$/, "");
  if (posix.isAbsolute(path) || normal === ".." || normal.startsWith("../")) throw outside(path, field);
  const root = realPath(base, { path: base, field });
  if (normal === "") return { path: "", hostPath: root };
  const hostPath = posix.join(root, normal);
  if (!isBelow(realPath(posix.dirname(hostPath), { path: normal, field }), root)) throw outside(path, field);
  return { path: normal, hostPath };
}

function realPath(path: string, place: PathPlace): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw readFault(error, place);
  }
}
