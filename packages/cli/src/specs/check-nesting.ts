import { Lexer, Parser } from "yaml";

/** Levels of maps and lists in each other; specs have five or so. */
const mostLevels = 100;
const opener = /[[{:?-]/g;

/** Only a text with this many characters that can open a level can have that many levels. */
function canBeDeep(text: string): boolean {
  return (text.match(opener)?.length ?? 0) > mostLevels;
}

/**
 * Whether a document nests deeper than any spec does. To compose one that nests without end would overflow the stack,
 * which V8 does not always survive, so this looks at the tokens.
 */
export function isTooDeep(text: string): boolean {
  if (!canBeDeep(text)) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > mostLevels) return true;
  }
  return false;
}
