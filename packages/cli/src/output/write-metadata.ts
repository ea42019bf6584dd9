import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Project } from "../project.ts";
import { usageError } from "../usage-error.ts";

/** Writes the document of `--json` to the file of `--metadata-file`. */
export function writeMetadata(file: string, document: string, { cwd }: Pick<Project, "cwd">): void {
  try {
    writeFileSync(path.resolve(cwd, file), document);
  } catch (cause) {
    const { code = "no reason given" } = cause as NodeJS.ErrnoException;
    const hint = "check that its folder is there, and who may write to it";
    throw usageError(`--metadata-file: ${file} cannot be written (${code})`, { hint, cause });
  }
}
