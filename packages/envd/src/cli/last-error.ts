/** What envd's log says of its end, without the log's own quoting; the last line where it says nothing of that. */
export function lastError(said: readonly string[]): string {
  const fatal = said.findLast((line) => /level=(fatal|error)/.test(line)) ?? said.at(-1) ?? "";
  const [, text = fatal] =
    /\berror="((?:[^"\\]|\\.)*)"/.exec(fatal) ?? /\bmsg="((?:[^"\\]|\\.)*)"/.exec(fatal) ?? [];
  return text.replaceAll('\\"', '"').replaceAll("\\n", "\n").trim();
}
