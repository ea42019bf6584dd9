/**
 * One function for each place of a Dockerfile that holds a value. Each gives pieces: texts between which a line may be
 * broken, for a line of more than 65,535 bytes is an error. No piece ends with `\` or starts with `#`, nor with a
 * blank that counts.
 */
export type Pieces = readonly string[];

/** Stands among pieces where a line is to be broken for the reader. */
export const BREAK = "\n";

/** Small enough that a few pieces fit a line, whatever escaping makes of them (at most six bytes for each). */
const PIECE_CHARACTERS = 4096;

/**
 * Whether a word of a Dockerfile can hold the value literally. A control character cannot stand in one: a newline ends
 * the instruction, others are trimmed or end a line for one parser or another.
 */
export function fitsWord(value: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(value);
}

function chunks(value: string, size: number = PIECE_CHARACTERS): string[] {
  const found: string[] = [];
  for (let start = 0; start < value.length; ) {
    let end = Math.min(start + size, value.length);
    if (/[\ud800-\udbff]/.test(value.charAt(end - 1)) && end < value.length) end += 1;
    found.push(value.slice(start, end));
    start = end;
  }
  return found;
}

/**
 * A word of ENV, LABEL, WORKDIR or USER. Between double quotes `\`, `"` and `$` are special and `\` makes each
 * literal; words that touch are one. The value must pass {@link fitsWord}.
 */
export function quoteWord(value: string): Pieces {
  const quoted = chunks(value).map((chunk) => `"${chunk.replace(/[\\"$]/g, "\\$&")}"`);
  return quoted.length > 0 ? quoted : ['""'];
}

/**
 * Of a line that goes on, the last character must not be `\`; of the next, the first must not be a blank or `#`, nor
 * for some readers a `#` that only `\` and blanks precede.
 */
function breakable(json: string): string {
  return json
    .replace(/^ /, "\\u0020")
    .replace(/^([\\ ]*)#/, "$1\\u0023")
    .replace(/\\\\$/, "\\u005c");
}

function jsonPiece(chunk: string): string {
  // Some readers look for heredocs even here.
  const json = JSON.stringify(chunk).slice(1, -1).replaceAll("<<", "<\\u003c");
  return breakable(json.replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escapeUnicode));
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A JSON string, as the exec form of RUN and ENTRYPOINT has them: nothing in it is expanded. */
export function quoteJson(value: string): Pieces {
  const lines = value.split(/(?<=\n)/).map((line) => chunks(line).map(jsonPiece));
  if (lines.length === 1) return ['"', ...lines.flat(), '"'];
  return [
    '"',
    ...lines.flatMap((pieces) => [BREAK, ...pieces]),
    ...(value.endsWith("\n") ? [BREAK] : []),
    '"',
  ];
}

/** The exec form. */
export function quoteExec(words: readonly string[]): Pieces {
  const pieces = words.flatMap((word, index) => (index === 0 ? quoteJson(word) : [", ", ...quoteJson(word)]));
  return ["[", ...pieces, "]"];
}

/** In COPY the words of the JSON form are read as the shell would: quotes, `\` and `$` are special there too. */
function escapeExpansion(value: string): string {
  return value.replace(/[\\"'$]/g, "\\$&");
}

/** What docker's command cannot tell its engine of in a path; it travels in an HTTP header. */
const unprintable = /[^ -~]/gu;

/**
 * A source of COPY is read by folder: up to the first one with a wildcard its parts are names, from there on patterns
 * of Go's filepath.Match. A wildcard that is only escaped by `\` is not seen as one, so that the path is a name again,
 * `\` and all; between brackets it is. `?` stands for one character, of a name that is alone in its folder.
 */
function escapePattern(source: string): string {
  const parts = source.split("/");
  const first = parts.findIndex((part) => /[*?[]|[^ -~]/.test(part));
  const escaped = parts.map((part, index) =>
    first >= 0 && index >= first
      ? part.replace(/[*?[]/g, "[$&]").replaceAll("\\", "\\\\").replace(unprintable, "?")
      : part,
  );
  return escaped.join("/");
}

/** The JSON form of COPY, with `source` a path of the context and `target` one of the image. */
export function quoteCopy(source: string, target: string): Pieces {
  return quoteExec([escapeExpansion(escapePattern(source)), escapeExpansion(target)]);
}

/** Engines differ in how they read these in an option of a mount: some expand them or see a heredoc, some keep them. */
export function fitsMount(value: string): boolean {
  return fitsWord(value) && !/[\\"'$<]/.test(value) && value.trim() === value && value !== "";
}

/** `--mount=…`. Its value is a line of CSV within a word. Every value must pass {@link fitsMount}. */
export function quoteMount(fields: Readonly<Record<string, string | true>>): string {
  const pairs = Object.entries(fields).map(([name, value]) => (value === true ? name : `${name}=${value}`));
  const plain = pairs.every((pair) => /^[\w./:=+@~-]+$/.test(pair));
  if (plain) return `--mount=${pairs.join(",")}`;
  return `--mount="${pairs.map((pair) => `\\"${pair}\\"`).join(",")}"`;
}
