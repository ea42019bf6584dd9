/** What a shell, a builder's text and an image can all carry: their strings are UTF-8 and end at a NUL. */
export function isCarriable(value: string): boolean {
  return value.isWellFormed() && !value.includes("\0");
}

/** One word of a POSIX shell. The value must pass {@link isCarriable}. */
export function quoteShell(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
