import { ImageSpecError } from "../errors/image-spec-error.ts";

/** Where a path was named, for errors about it. */
export type PathPlace = Readonly<{ path: string; field?: string | undefined }>;

/** The system's code of an error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === "string" ? code : undefined;
}

const absent = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** A failed look at a path that the spec names, as `SPEC_FILE_NOT_FOUND` or `SPEC_FILE_UNREADABLE`. */
export function readFault(cause: unknown, { path, field }: PathPlace): ImageSpecError {
  const code = systemCode(cause);
  if (code !== undefined && absent.has(code)) {
    return new ImageSpecError("SPEC_FILE_NOT_FOUND", `${JSON.stringify(path)} does not exist`, {
      field,
      file: path,
      hint: "paths are relative to the working directory",
      cause,
    });
  }
  return new ImageSpecError("SPEC_FILE_UNREADABLE", `${JSON.stringify(path)} cannot be read (${code})`, {
    field,
    file: path,
    hint: "check who may read it, or leave it out by .dockerignore",
    cause,
  });
}

/** A file is no longer what it was when it was listed. */
export function contextChanged(path: string, cause?: unknown): ImageSpecError {
  return new ImageSpecError("CONTEXT_CHANGED", `${JSON.stringify(path)} changed while it was being read`, {
    file: path,
    hint: "let what writes it finish, then run the command again",
    cause,
  });
}

/** What a file that was a regular one answers when something else took its place, or nothing. */
const replaced = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "ENXIO"]);

/** A failed read of a file that was listed before. */
export function rereadFault(cause: unknown, path: string): ImageSpecError {
  if (ImageSpecError.isInstance(cause)) return cause;
  return replaced.has(systemCode(cause) ?? "") ? contextChanged(path, cause) : readFault(cause, { path });
}
