/** One way to log in that a registry offers. Names are lower-case. */
export type Challenge = Readonly<{ scheme: string; parameters: ReadonlyMap<string, string> }>;

type State = Readonly<{ text: string; at: number }>;

const blank = /[ \t]/;
const tokenEnd = /[\s,="]/;
const separator = /[\s,]/;

/**
 * Reads `WWW-Authenticate`, of which there may be several, each with several challenges. Values may be quoted (with
 * commas and escapes inside) or bare (a URL too), names in any case, blanks anywhere between. What makes no sense is
 * passed over, and the parameter first given counts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap(parseHeader);
}

function parseHeader(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = skip(text, 0, separator);
  while (at < text.length) {
    const start = at;
    const word = readWhile(text, at, tokenEnd);
    at = skip(text, word.at, blank);
    const current = challenges.at(-1);
    if (text[at] !== "=") {
      if (word.text !== "") challenges.push({ scheme: word.text.toLowerCase(), parameters: new Map() });
    } else {
      const value = readValue(text, skip(text, at + 1, blank));
      at = value.at;
      const name = word.text.toLowerCase();
      if (name !== "" && current?.parameters.has(name) === false) current.parameters.set(name, value.text);
    }
    at = skip(text, at, separator);
    // A stray quote or equals sign.
    if (at === start) at += 1;
  }
  return challenges;
}

function skip(text: string, from: number, pattern: RegExp): number {
  let at = from;
  while (at < text.length && pattern.test(text[at] ?? "")) at += 1;
  return at;
}

function readWhile(text: string, from: number, end: RegExp): State {
  let at = from;
  while (at < text.length && !end.test(text[at] ?? "")) at += 1;
  return { text: text.slice(from, at), at };
}

function readValue(text: string, from: number): State {
  return text[from] === '"' ? readQuoted(text, from + 1) : readWhile(text, from, separator);
}

/** A quote that is never closed reaches to the end. */
function readQuoted(text: string, from: number): State {
  let value = "";
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\\" && at + 1 < text.length) at += 1;
    value += text[at];
    at += 1;
  }
  return { text: value, at: at + 1 };
}

/** The challenge to answer: Bearer before Basic. Schemes that need more than a password (Negotiate) are passed over. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.get("realm"));
  return bearer ?? challenges.find(({ scheme }) => scheme === "basic");
}
