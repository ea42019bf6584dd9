import { styleText } from "node:util";
import { isTerminal } from "./is-terminal.ts";

export type Style = Parameters<typeof styleText>[0];

/** Styles text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** https://no-color.org and https://force-color.org: any value but the empty one counts; FORCE_COLOR=0 forces none. */
export function wantsColor(descriptor: number, environment: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = environment;
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return !NO_COLOR && TERM !== "dumb" && isTerminal(descriptor);
}

export function painter(isColored: boolean): Paint {
  // Whether colours are wanted was decided before: styleText is not to look at a stream itself.
  return isColored ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
