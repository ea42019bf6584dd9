/** A place in a pattern that is being read. */
export class PatternCursor {
  readonly #characters: readonly string[];
  #position = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  /** The character that comes after `distance` others, or before for -1; undefined beyond the ends. */
  peek(distance = 0): string | undefined {
    return this.#characters[this.#position + distance];
  }

  /** @throws {SyntaxError} at the end. */
  next(): string {
    const character = this.#characters[this.#position++];
    if (character === undefined) throw new SyntaxError("it ends too early");
    return character;
  }

  /** Goes past this character if it comes next. */
  skip(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#position++;
    return true;
  }
}

/** A character as it stands for itself in a regular expression, in brackets too. */
export function escapeCharacter(character: string): string {
  return /^[A-Za-z0-9_/]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
