const token =
  /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|"(?:\\[\s\S]|[^"\\])*"?|'(?:\\[\s\S]|[^'\\])*'?|`(?:\\[\s\S]|[^`\\])*`?|[\w$-]+|\S/g;

const depths: Readonly<Record<string, number>> = { "{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1 };

function tokensOf(code: string): readonly string[] {
  return (code.match(token) ?? []).filter((one) => !one.startsWith("//") && !one.startsWith("/*"));
}

/** Where the record of `images` begins: behind its brace. */
function startOf(tokens: readonly string[]): number {
  const found = tokens.findIndex((one, index) => one === "images" && tokens[index + 1] === ":");
  return found >= 0 && tokens[found + 2] === "{" ? found + 3 : tokens.length;
}

/** A name that means itself to every shell, so that nothing in a file is ever run by pressing a key. */
function plainName(text: string): readonly string[] {
  const name = text.replace(/^["'](.*)["']$/s, "$1");
  return /^[\w][\w.-]*$/.test(name) ? [name] : [];
}

/**
 * The keys of `images` that are written in a config's text. The config is not run: a key that is pressed in a folder of
 * somebody else's is no wish to run their code. What is put together elsewhere is therefore not found.
 */
export function imageKeys(code: string): readonly string[] {
  const tokens = tokensOf(code);
  const keys: string[] = [];
  let depth = 1;
  for (let index = startOf(tokens); index < tokens.length && depth > 0; index += 1) {
    const [before, one, after] = [tokens[index - 1]!, tokens[index]!, tokens[index + 1] ?? ""];
    const isKey = depth === 1 && (before === "{" || before === ",") && [":", ",", "}"].includes(after);
    if (isKey) keys.push(...plainName(one));
    depth += depths[one] ?? 0;
  }
  return keys;
}
