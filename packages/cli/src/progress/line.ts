import stringWidth from "string-width";
import { sanitizeLine } from "../output/sanitize.ts";
import type { Paint, Style } from "../output/style.ts";
import { lastDrawn } from "./last-drawn.ts";

export type Segment = Readonly<{ text: string; style?: Style }>;

/** One line of the screen: what stands at its left, cut where it is too long, and at its right end. */
export type Line = Readonly<{ left: readonly Segment[]; right?: string }>;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The beginning of a text that takes at most `columns` of the screen, with a sign where something was left out. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** Without what is not text; a tab is as wide as it happens to be. */
function plainText(text: string): string {
  return sanitizeLine(lastDrawn(text)).replaceAll("\t", "  ");
}

function fit(segments: readonly Segment[], columns: number): readonly Segment[] {
  let left = columns;
  return segments.map(({ text, ...rest }) => {
    const fitting = cut(plainText(text), left);
    left -= stringWidth(fitting);
    return { ...rest, text: fitting };
  });
}

/** Columns that the left keeps; where there are fewer, the right is left out. */
const leastLeft = 12;

/** A line as the terminal gets it, at most `columns` wide. */
export function renderLine(line: Line, columns: number, paint: Paint): string {
  const { left } = line;
  const right = line.right && stringWidth(line.right) + leastLeft < columns ? line.right : "";
  const room = columns - (right === "" ? 0 : stringWidth(right) + 1);
  const segments = fit(left, Math.max(room, 0));
  const width = segments.reduce((sum, { text }) => sum + stringWidth(text), 0);
  const painted = segments
    .map(({ text, style }) => (style && text !== "" ? paint(style, text) : text))
    .join("");
  return right === ""
    ? painted
    : `${painted}${" ".repeat(Math.max(room - width, 0) + 1)}${paint("dim", right)}`;
}
