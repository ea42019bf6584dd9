import type { WriteStream } from "node:tty";
import stringWidth from "string-width";

const controlSequence = "\u001B[";
/** A terminal that knows the first one shows the frame at once; others pass over it. */
const begin = `${controlSequence}?2026h${controlSequence}?25l`;
const finish = `${controlSequence}?25h${controlSequence}?2026l`;
/** What the terminal finds wider than we do is cut there, where it would move the lines below. */
const noWrap = `${controlSequence}?7l`;
const wrap = `${controlSequence}?7h`;
const clearLine = `${controlSequence}K`;
const clearBelow = `${controlSequence}J`;

/**
 * The last lines of a terminal, redrawn in place. Each change is one write, after which the terminal is as it was found:
 * the cursor stands below the frame, visible. So there is nothing to restore, however the process ends.
 */
export class Screen {
  readonly #stream: Pick<WriteStream, "columns" | "rows" | "write">;
  /** The widths of the lines that are on the screen. */
  #widths: readonly number[] = [];
  /** What the terminal shows, by its size and lines. */
  #shown = "";

  constructor(stream: Pick<WriteStream, "columns" | "rows" | "write">) {
    this.#stream = stream;
  }

  /** One column stays free: a line that fills the last one may wrap. */
  get columns(): number {
    return Math.max((this.#stream.columns || 80) - 1, 1);
  }

  /** Lines that a frame may have. */
  get rows(): number {
    return Math.max((this.#stream.rows || 24) - 1, 1);
  }

  /** To the beginning of the frame. After the window was made narrower, its lines have wrapped. */
  #up(): string {
    const columns = this.#stream.columns || 80;
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows === 0 ? "\r" : `\r${controlSequence}${rows}A`;
  }

  #write(above: string, lines: readonly string[]): void {
    const frame = lines.map((line) => `${line}${clearLine}\n`).join("");
    const kept = above === "" ? "" : `${clearBelow}${above}`;
    this.#stream.write(`${begin}${this.#up()}${kept}${noWrap}${frame}${wrap}${clearBelow}${finish}`);
    this.#widths = lines.map((line) => stringWidth(line));
  }

  /** Shows these lines in place of the last ones; writes nothing where they are the same. */
  draw(lines: readonly string[]): void {
    const shown = `${this.columns} ${this.rows}\n${lines.join("\n")}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#write("", lines);
  }

  /** Writes whole lines of text above the frame, where they stay. */
  insert(text: string, lines: readonly string[]): void {
    this.#shown = "";
    this.#write(text.endsWith("\n") ? text : `${text}\n`, lines);
  }
}
