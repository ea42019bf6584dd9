import type { WriteStream } from "node:tty";
import stringWidth from "string-width";

const controlSequence = "\u001B[";
/** A terminal that knows this shows the frame at once; others pass over it. */
const begin = `${controlSequence}?2026h${controlSequence}?25l`;
const finish = `${controlSequence}?25h${controlSequence}?2026l`;
const clearLine = `${controlSequence}K`;
const clearBelow = `${controlSequence}J`;

/** The last lines of a terminal, redrawn in place. The cursor stands below them and is hidden only while drawing. */
export class Screen {
  readonly #stream: Pick<WriteStream, "columns" | "rows" | "write">;
  /** The widths of the lines that are on the screen. */
  #widths: readonly number[] = [];

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
    return rows === 0 ? "" : `\r${controlSequence}${rows}A`;
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${clearLine}\n`).join("");
    this.#stream.write(`${begin}${this.#up()}${text}${clearBelow}${finish}`);
    this.#widths = lines.map((line) => stringWidth(line));
  }

  /** Writes text above the frame, where it stays. */
  insert(text: string, lines: readonly string[]): void {
    this.#stream.write(`${begin}${this.#up()}${clearBelow}${text}${finish}`);
    this.#widths = [];
    this.draw(lines);
  }
}
