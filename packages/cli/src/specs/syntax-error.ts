import { readFileSync } from "node:fs";

/** jiti does not throw what it cannot parse: it writes it down in the code that it gives. */
const writtenDown = /__JITI_ERROR__ = \{.*?"line":(\d+)/s;

/** The line of a module that cannot be parsed. Node keeps it to itself; another parser is asked. */
export async function lineOfSyntaxError(cause: Error, place: string): Promise<number | undefined> {
  if (!(cause instanceof SyntaxError)) return undefined;
  const { createJiti } = await import("jiti");
  const jiti = createJiti(place, { fsCache: false });
  const code = jiti.transform({ source: readFileSync(place, "utf8"), filename: place, ts: true });
  const line = writtenDown.exec(code)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** A parser's message without its own kind and the place, which is told apart from it. */
export function withoutPlace(message: string): string {
  return message.replace(/^ParseError: /, "").replace(/\s*\n\s*\S+:\d+:\d+$/, "");
}
