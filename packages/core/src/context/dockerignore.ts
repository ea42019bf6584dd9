import { ImageSpecError } from "../errors/image-spec-error.ts";
import { compileDockerPattern, type DockerPattern } from "./docker-pattern.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { type IgnoreFileReader, readIgnoreFile } from "./read-ignore-file.ts";

function compileLine(
  line: string,
  place: Readonly<{ file: string; line: number }>,
): DockerPattern | undefined {
  try {
    return compileDockerPattern(line);
  } catch (cause) {
    throw new ImageSpecError("SPEC_IGNORE_PATTERN", `${JSON.stringify(line)}: ${(cause as Error).message}`, {
      ...place,
      hint: "Docker refuses this pattern too: write special characters as \\[ and \\\\",
      cause,
    });
  }
}

/** Could the exception match something below the folder, and not the folder itself? */
function reachesBelow({ literal, isLiteral }: DockerPattern, folder: readonly string[]): boolean {
  const shared = Math.min(literal.length, folder.length);
  for (let i = 0; i < shared; i++) if (literal[i] !== folder[i]) return false;
  return !isLiteral || literal.length > folder.length;
}

/** The last pattern that matches a path or a folder above it decides: moby's MatchesOrParentMatches. */
class DockerignoreRules implements IgnoreRules {
  readonly #patterns: readonly DockerPattern[];
  readonly #exceptions: readonly DockerPattern[];
  /** By folder: which patterns match it or a folder above it. */
  readonly #folders = new Map<string, readonly boolean[]>();

  constructor(patterns: readonly DockerPattern[]) {
    this.#patterns = patterns;
    this.#exceptions = patterns.filter(({ exception }) => exception);
    this.#folders.set(
      "",
      patterns.map(() => false),
    );
  }

  excludes(path: string, _isDirectory: boolean): boolean {
    const above = this.#matchesOf(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    let excluded = false;
    for (let i = 0; i < this.#patterns.length; i++) {
      const pattern = this.#patterns[i]!;
      if (pattern.exception === excluded && (above[i] || pattern.matches(path)))
        excluded = !pattern.exception;
    }
    return excluded;
  }

  prunes(directory: string): boolean {
    if (!this.excludes(directory, true)) return false;
    if (this.#exceptions.length === 0) return true;
    const folder = directory.split("/");
    return !this.#exceptions.some((pattern) => reachesBelow(pattern, folder));
  }

  #matchesOf(folder: string): readonly boolean[] {
    const known = this.#folders.get(folder);
    if (known) return known;
    const above = this.#matchesOf(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
    const matches = this.#patterns.map((pattern, i) => above[i]! || pattern.matches(folder));
    this.#folders.set(folder, matches);
    return matches;
  }
}

/** Leaves nothing out. */
export const keepAllRules: IgnoreRules = { excludes: () => false, prunes: () => false };

/**
 * The rules that the lines of a `.dockerignore` make.
 * @throws {ImageSpecError} `SPEC_IGNORE_PATTERN` for a line that Docker refuses too; `file` is named in it.
 */
export function parseDockerignore(lines: readonly string[], file: string): IgnoreRules {
  const patterns = lines.map((line, i) => compileLine(line, { file, line: i + 1 }));
  const compiled = patterns.filter((pattern) => pattern !== undefined);
  return compiled.length === 0 ? keepAllRules : new DockerignoreRules(compiled);
}

/**
 * The rules of one `.dockerignore`; nothing is left out when there is none.
 * @throws {ImageSpecError} `SPEC_IGNORE_PATTERN` for a line that Docker refuses too, `SPEC_FILE_UNREADABLE`.
 */
export function dockerignoreRules(file: string, read: IgnoreFileReader = readIgnoreFile): IgnoreRules {
  return parseDockerignore(read(file, { followLink: true }), file);
}
