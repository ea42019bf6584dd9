import { BREAK, type Pieces } from "./quote.ts";

/** Docker reads lines of at most 65,535 bytes; a piece is at most 24 KiB. */
const LINE_BYTES = 40_000;

/** One instruction as lines, each but the last carried on by `\`. */
export function layOut(pieces: Pieces): string {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const isFull = Buffer.byteLength(line) + Buffer.byteLength(piece) > LINE_BYTES;
    if (line !== "" && (isFull || piece === BREAK)) {
      lines.push(line);
      line = "";
    }
    if (piece !== BREAK) line += piece;
  }
  return [...lines, line].join("\\\n");
}
