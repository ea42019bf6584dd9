/**
 * One function for each place of a `build.envd` that holds a value. envd reads a text three times: as Starlark, then,
 * for what it runs, by a split into words that ignores its own errors, then by what is started.
 */

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r" };

function escapeControl(character: string): string {
  return escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A Starlark string literal on one line. The value must be one that an image can carry.
 *
 * @see https://github.com/bazelbuild/starlark/blob/master/spec.md#string-literals
 */
export function quoteStarlark(value: string): string {
  return `"${value.replace(/[\\"\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g, escapeControl)}"`;
}

/** What stands between single quotes, which is all literal but the quote that ends it. */
export function insideQuotes(value: string): string {
  return value.replaceAll("'", "'\\''");
}

type Argument = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

function formatArgument(value: Argument): string {
  if (typeof value === "string") return quoteStarlark(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(quoteStarlark).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, text]) => `${quoteStarlark(key)}: ${quoteStarlark(text)}`);
  return `{${pairs.join(", ")}}`;
}

/** A call with keyword arguments, as a line of the function `build`. */
export function formatCall(name: string, values: Readonly<Record<string, Argument>>): string {
  const list = Object.entries(values).map(([key, value]) => `${key}=${formatArgument(value)}`);
  return `    ${name}(${list.join(", ")})`;
}
