import { escapeCharacter, PatternCursor } from "./pattern-cursor.ts";

/** One line of a `.gitignore`, ready to be matched. */
export type GitPattern = Readonly<{
  exception: boolean;
  folderOnly: boolean;
  /** Both as {@link gitBytes} gives them: the path below the file's folder, and its last part. */
  matches(path: string, name: string): boolean;
}>;

/** POSIX classes, which git takes for ASCII's in every locale. */
const classes: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: "\\x20-~",
  punct: "!-\\/:-@\\x5b-`\\x7b-~",
  space: "\\t-\\r ",
  upper: "A-Z",
  xdigit: "A-Fa-f0-9",
};

/** git compares bytes, so that `?` is one of them: a text with a character for each byte of its UTF-8. */
export function gitBytes(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text).toString("latin1") : text;
}

/** A range that ends before it starts holds its start alone. */
function range(low: string, high: string): string {
  return low <= high ? `${escapeCharacter(low)}-${escapeCharacter(high)}` : escapeCharacter(low);
}

/** Reads a pattern into the source of a regular expression: what git's wildmatch() takes for a match of a whole path. */
class GitReader {
  readonly #at: PatternCursor;

  constructor(pattern: string) {
    this.#at = new PatternCursor([...pattern]);
  }

  /** @throws {SyntaxError} for a pattern that matches nothing. */
  read(): string {
    let source = "";
    while (this.#at.peek() !== undefined) source += this.#piece();
    return source;
  }

  #piece(): string {
    const character = this.#at.next();
    if (character === "*") return this.#asterisks();
    if (character === "?") return "[^/]";
    if (character === "[") return this.#class();
    return this.#literal(character);
  }

  #literal(character: string): string {
    return escapeCharacter(character === "\\" ? this.#at.next() : character);
  }

  /** Two or more that are a whole part of the path stand for any number of folders, else for one part's text. */
  #asterisks(): string {
    let count = 1;
    while (this.#at.skip("*")) count++;
    const [before = "/", after] = [this.#at.peek(-1 - count), this.#at.peek()];
    const isEscapedSlash = after === "\\" && this.#at.peek(1) === "/";
    const isWhole = before === "/" && (after === undefined || after === "/" || isEscapedSlash);
    if (count === 1 || !isWhole) return "[^/]*";
    return this.#at.skip("/") ? "(?:[^]*/)?" : "[^]*";
  }

  #class(): string {
    const negated = this.#at.skip("!") || this.#at.skip("^");
    let members = this.#member();
    while (!this.#at.skip("]")) members += this.#member();
    return negated ? `[^/${members}]` : `(?!/)[${members}]`;
  }

  #member(): string {
    const named = this.#namedClass();
    if (named !== undefined) return named;
    const low = this.#at.next();
    const from = low === "\\" ? this.#at.next() : low;
    const isRange = this.#at.peek() === "-" && this.#at.peek(1) !== undefined && this.#at.peek(1) !== "]";
    if (!isRange) return escapeCharacter(from);
    this.#at.next();
    const high = this.#at.next();
    return range(from, high === "\\" ? this.#at.next() : high);
  }

  /** `[:alpha:]`; undefined where what comes next is none. */
  #namedClass(): string | undefined {
    if (this.#at.peek() !== "[" || this.#at.peek(1) !== ":") return undefined;
    let name = "";
    for (let i = 2; this.#at.peek(i) !== "]"; i++) {
      if (this.#at.peek(i) === undefined) throw new SyntaxError("it ends too early");
      name += this.#at.peek(i);
    }
    if (!name.endsWith(":")) return undefined;
    for (let i = 0; i < name.length + 3; i++) this.#at.next();
    const members = Object.hasOwn(classes, name.slice(0, -1)) ? classes[name.slice(0, -1)] : undefined;
    if (members === undefined) throw new SyntaxError(`there is no class [:${name}]`);
    return members;
  }
}

/** Trailing blanks go, unless a backslash stands before them. */
function trimEnd(line: string): string {
  return line.replace(/(\\.|[^ ])| +$/gs, (_, kept?: string) => kept ?? "");
}

function expressionFor(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^${new GitReader(pattern).read()}$`, "u");
  } catch {
    // git takes a pattern that is not well-formed for one that matches nothing.
    return undefined;
  }
}

/**
 * One line of a `.gitignore` as gitignore(5) says, or undefined for one that says nothing. Case counts. Asterisks that
 * stand beside other text, as in `a**`, are "regular asterisks" as documented: releases of git differ on them.
 */
export function compileGitPattern(line: string): GitPattern | undefined {
  const text = gitBytes(line.startsWith("#") ? "" : trimEnd(line));
  const exception = text.startsWith("!");
  const written = exception ? text.slice(1) : text;
  const folderOnly = written.endsWith("/");
  const pattern = folderOnly ? written.slice(0, -1) : written;
  const expression = expressionFor(pattern.replace(/^\//, ""));
  if (pattern === "" || !expression) return undefined;
  const byName = !pattern.includes("/");
  return { exception, folderOnly, matches: (path, name) => expression.test(byName ? name : path) };
}
