import { StringDecoder } from "node:string_decoder";

/** A program that never ends its line is shown in pieces of this many characters. */
const MAX_LINE_LENGTH = 16 * 1024;

/** Cuts the output of one stream of one step into lines. Parts may end anywhere, within a character too. */
export class LogLines {
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";

  /** The lines that `part` completes. */
  push(part: Uint8Array): readonly string[] {
    this.#pending += this.#decoder.write(Buffer.from(part));
    const lines = this.#pending.split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > MAX_LINE_LENGTH) lines.push(...this.#cut());
    return lines.map(lastDrawn);
  }

  /** What is left, without its newline. */
  flush(): readonly string[] {
    const rest = this.#pending + this.#decoder.end();
    this.#pending = "";
    return rest === "" ? [] : [lastDrawn(rest)];
  }

  /** A progress bar draws over itself: what it drew before counts no more. */
  #cut(): readonly string[] {
    const drawn = lastDrawn(this.#pending);
    this.#pending = drawn.length > MAX_LINE_LENGTH ? "" : drawn;
    return this.#pending === "" ? [drawn] : [];
  }
}

/** What a terminal would show of a line in which carriage returns go back to its start. */
function lastDrawn(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1);
}
