/** Where specs come from, as an argument names it. */
export type Source = Readonly<
  | { kind: "file"; file: string; key: string | undefined }
  /** A key of the config's `images`. */
  | { kind: "key"; key: string }
  | { kind: "stdin"; key: string | undefined }
>;

export const moduleExtensions: readonly string[] = ["ts", "mts", "js", "mjs"];
export const documentExtensions: readonly string[] = ["yaml", "yml", "json"];

const specFile = /^(.+\.(?:ts|mts|js|mjs|yaml|yml|json))(?:#(.*))?$/s;

/** Reads an argument: a file by its extension, `-` for standard input, anything else is a key. `#key` picks one spec. */
export function parseSource(argument: string): Source {
  const stdin = /^-(?:#(.*))?$/s.exec(argument);
  if (stdin) return { kind: "stdin", key: stdin[1] };
  const file = specFile.exec(argument);
  return file ? { kind: "file", file: file[1]!, key: file[2] } : { kind: "key", key: argument };
}

/** Whether a file holds code, which has to be run, and not a document. */
export function isModule(file: string): boolean {
  return moduleExtensions.includes(file.slice(file.lastIndexOf(".") + 1));
}
