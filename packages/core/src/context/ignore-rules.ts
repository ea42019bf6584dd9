import { join } from "node:path";
import { dockerignoreRules, keepAllRules } from "./dockerignore.ts";
import { gitignoreRules } from "./gitignore.ts";
import type { IgnoreFileReader } from "./read-ignore-file.ts";

/** What is left out of a folder. Paths are relative to that folder, with `/`, without a leading or trailing one. */
export type IgnoreRules = Readonly<{
  /** True when the path, or a folder it lies in, is left out and no exception brings it back. */
  excludes(path: string, isDirectory: boolean): boolean;
  /** True when nothing below the folder can be kept, so that it need not be read. */
  prunes(directory: string): boolean;
}>;

/** Always left out, at any depth: flytekit's standard ignores. */
export const standardIgnoreRules: IgnoreRules = {
  excludes: isStandardIgnored,
  prunes: isStandardIgnored,
};

const standardName = /(?:^|\/)(?:\.git|__pycache__|\.cache|[^/]*\.pyc)(?:\/|$)/;

function isStandardIgnored(path: string): boolean {
  return standardName.test(path);
}

/** Leaves out what any of the rules leaves out. */
export function combineIgnoreRules(rules: readonly IgnoreRules[]): IgnoreRules {
  const parts = rules.filter((rule) => rule !== keepAllRules);
  return {
    excludes: (path, isDirectory) => {
      for (const rule of parts) if (rule.excludes(path, isDirectory)) return true;
      return false;
    },
    prunes: (directory) => parts.some((rule) => rule.prunes(directory)),
  };
}

/**
 * The rules of `copy`: the working directory's `.dockerignore` and the standard ignores.
 * @param workingDirectory Absolute path; paths are tested relative to it.
 * @param read Reads the ignore files. Default: anew.
 * @throws {ImageSpecError} `SPEC_IGNORE_PATTERN` for a line that Docker refuses too, `SPEC_FILE_UNREADABLE`.
 */
export async function copyIgnoreRules(
  workingDirectory: string,
  read?: IgnoreFileReader,
): Promise<IgnoreRules> {
  return combineIgnoreRules([
    standardIgnoreRules,
    dockerignoreRules(join(workingDirectory, ".dockerignore"), read),
  ]);
}

/**
 * The rules of `sourceRoot`: its own `.dockerignore`, the `.gitignore` files below it and up to the root of its git
 * repository, and the standard ignores. Outside of a repository the `.gitignore` files from `sourceRoot` down count.
 * @param sourceRoot Absolute path; paths are tested relative to it.
 * @param read Reads the ignore files. Default: anew.
 * @throws {ImageSpecError} `SPEC_IGNORE_PATTERN` for a line that Docker refuses too, `SPEC_FILE_UNREADABLE`.
 */
export async function sourceIgnoreRules(sourceRoot: string, read?: IgnoreFileReader): Promise<IgnoreRules> {
  const docker = dockerignoreRules(join(sourceRoot, ".dockerignore"), read);
  return combineIgnoreRules([standardIgnoreRules, docker, gitignoreRules(sourceRoot, read)]);
}
