import stringWidth from "string-width";
import { sanitizeLine } from "../output/sanitize.ts";
import type { Paint, Style } from "../output/style.ts";

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

function fit(segments: readonly Segment[], columns: number): readonly Segment[] {
  let left = columns;
  return segments.map(({ text, ...rest }) => {
    const fitting = cut(sanitizeLine(text).replaceAll("\t", "  "), left);
    left -= stringWidth(fitting);
    return { ...rest, text: fitting };
  });
}

/** A line as the terminal gets it, at most `columns` wide. */
export function renderLine({ left, right = "" }: Line, columns: number, paint: Paint): string {
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
