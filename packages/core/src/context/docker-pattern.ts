import { posix } from "node:path";
import { escapeCharacter, PatternCursor } from "./pattern-cursor.ts";

/** One line of a `.dockerignore`, ready to be matched. */
export type DockerPattern = Readonly<{
  exception: boolean;
  /** The leading segments without wildcards, to tell where an exception can match. */
  literal: readonly string[];
  /** All segments are in `literal`. */
  isLiteral: boolean;
  matches(path: string): boolean;
}>;

// Go's unicode.IsSpace, which is not JavaScript's trim: U+0085 is in, U+FEFF is out.
const goSpace = "[\\t\\n\\v\\f\\r \\x85\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]";
const goTrim = new RegExp(`^${goSpace}+|${goSpace}+$`, "g");

/** Go's filepath.Clean. */
function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Reads a pattern into the source of a regular expression. */
class DockerReader {
  readonly #at: PatternCursor;

  constructor(pattern: string) {
    this.#at = new PatternCursor([...pattern]);
  }

  /** @throws {SyntaxError} where a bracket is not closed or a backslash escapes nothing. */
  read(): string {
    let source = "";
    while (this.#at.peek() !== undefined) source += this.#piece();
    return source;
  }

  #piece(): string {
    const character = this.#at.next();
    if (character === "*") return this.#at.skip("*") ? this.#folders() : "[^/]*";
    if (character === "?") return "[^/]";
    if (character === "[") return this.#class();
    return this.#literal(character);
  }

  #literal(character: string): string {
    return escapeCharacter(character === "\\" ? this.#at.next() : character);
  }

  /** `**`, and the slash after it: any number of folders; at the end anything. A line feed ends them, as in Go. */
  #folders(): string {
    this.#at.skip("/");
    return this.#at.peek() === undefined ? "[^\\n]*" : "(?:[^\\n]*/)?";
  }

  /** As in Go's regular expressions, `]` right after the bracket and `-` at an end stand for themselves. */
  #class(): string {
    const negated = this.#at.skip("^") ? "^" : "";
    let ranges = this.#range();
    while (!this.#at.skip("]")) ranges += this.#range();
    return `[${negated}${ranges}]`;
  }

  #range(): string {
    const low = this.#literal(this.#at.next());
    const isRange = this.#at.peek() === "-" && this.#at.peek(1) !== "]";
    if (!isRange) return low;
    this.#at.next();
    return `${low}-${this.#literal(this.#at.next())}`;
  }
}

/** Docker compares patterns that are plain text but for `**` at one end as strings; a line feed is text there. */
function compareAsText(pattern: string): ((path: string) => boolean) | undefined {
  const text = /^(\*\*)?([^*?[\]\\]*)(\*\*)?$/s.exec(pattern);
  if (!text) return undefined;
  const [, leading, body = "", trailing] = text;
  if (leading && trailing) return undefined;
  if (trailing) return body === "" ? () => true : (path) => path.startsWith(body);
  if (!leading) return (path) => path === body;
  const whole = body.startsWith("/") ? body.slice(1) : undefined;
  return (path) => path.endsWith(body) || path === whole;
}

function matcher(pattern: string): (path: string) => boolean {
  const source = new DockerReader(pattern).read();
  const byText = compareAsText(pattern);
  if (byText) return byText;
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}

function isLiteralSegment(segment: string): boolean {
  return !/[*?[\\]/.test(segment);
}

function trim(text: string): string {
  return text.replace(goTrim, "");
}

/** A line as moby's `ignorefile` hands it on: `!` and the path in its shortest form; undefined when it says nothing. */
function normalizeLine(line: string): string | undefined {
  const trimmed = trim(line);
  if (line.startsWith("#") || trimmed === "") return undefined;
  const exception = trimmed.startsWith("!") ? "!" : "";
  const written = trim(trimmed.slice(exception.length));
  const path = written === "" ? "" : clean(written);
  return exception + (path.length > 1 && path.startsWith("/") ? path.slice(1) : path);
}

/**
 * One line of a `.dockerignore` as Docker reads it (moby/patternmatcher and its `ignorefile`), or undefined for a blank
 * line and a comment. Case counts. Characters that have a meaning only in regular expressions, which Docker lets
 * through by oversight (`|`, `\d`), stand for themselves, as its documentation says.
 *
 * @throws {SyntaxError} for a line that Docker refuses.
 */
export function compileDockerPattern(line: string): DockerPattern | undefined {
  const normal = normalizeLine(line);
  if (normal === undefined) return undefined;
  const cleaned = clean(trim(normal));
  if (cleaned === "!") throw new SyntaxError("an exception names no path");
  const exception = cleaned.startsWith("!");
  const pattern = exception ? cleaned.slice(1) : cleaned;
  const segments = pattern.split("/");
  const wild = segments.findIndex((segment) => !isLiteralSegment(segment));
  const literal = wild < 0 ? segments : segments.slice(0, wild);
  return { exception, literal, isLiteral: wild < 0, matches: matcher(pattern) };
}
