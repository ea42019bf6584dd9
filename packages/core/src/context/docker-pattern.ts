import { posix } from "node:path";

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

function escapeLiteral(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** Reads one pattern into the source of a regular expression. */
class PatternReader {
  readonly #characters: readonly string[];
  #position = 0;

  constructor(pattern: string) {
    this.#characters = [...pattern];
  }

  /** @throws {SyntaxError} where Go's filepath.Match finds a bad pattern. */
  read(): string {
    let source = "";
    while (this.#peek() !== undefined) source += this.#piece();
    return source;
  }

  #peek(): string | undefined {
    return this.#characters[this.#position];
  }

  #next(): string {
    const character = this.#characters[this.#position++];
    if (character === undefined) throw new SyntaxError("it ends too early");
    return character;
  }

  #skip(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position++;
    return true;
  }

  #piece(): string {
    const character = this.#next();
    if (character === "*") return this.#skip("*") ? this.#folders() : "[^/]*";
    if (character === "?") return "[^/]";
    if (character === "[") return this.#class();
    return escapeLiteral(character === "\\" ? this.#next() : character);
  }

  /** `**`, and the slash after it: any number of folders; at the end anything. A line feed ends them, as in Go. */
  #folders(): string {
    this.#skip("/");
    return this.#peek() === undefined ? "[^\\n]*" : "(?:[^\\n]*/)?";
  }

  /** As in Go's regular expressions, `]` right after the bracket and `-` at an end stand for themselves. */
  #class(): string {
    const negated = this.#skip("^") ? "^" : "";
    let ranges = this.#range();
    while (!this.#skip("]")) ranges += this.#range();
    return `[${negated}${ranges}]`;
  }

  #range(): string {
    const low = this.#classMember();
    const isRange = this.#peek() === "-" && this.#characters[this.#position + 1] !== "]";
    if (!isRange) return low;
    this.#next();
    return `${low}-${this.#classMember()}`;
  }

  #classMember(): string {
    const character = this.#next();
    const code = (character === "\\" ? this.#next() : character).codePointAt(0)!;
    return `\\u{${code.toString(16)}}`;
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
  const source = new PatternReader(pattern).read();
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
