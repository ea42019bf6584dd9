import { parser } from "@lezer/python";

/** A module that a file imports. `level` counts the dots of a relative import; `names` are what `from` takes of it. */
export type PythonImport = Readonly<{ module: string; level: number; names: readonly string[] }>;

const dynamicImport = /^(?:importlib\s*\.\s*import_module|__import__)\s*\(\s*(["'])([\w.]+)\1\s*[,)]/;

function withoutNoise(statement: string): string {
  return statement
    .replace(/#[^\n]*/g, "")
    .replace(/\\\r?\n/g, " ")
    .replace(/[()\r\n]/g, " ")
    .replace(/\s+/g, " ")
    .replace(/\s*\.\s*/g, ".")
    .trim();
}

function importedNames(list: string): string[] {
  return list
    .split(",")
    .map((item) => item.trim().split(" ")[0] ?? "")
    .filter((item) => item !== "");
}

function readStatement(statement: string): PythonImport[] {
  const text = withoutNoise(statement);
  const from = /^from ?(\.*) ?([\w.]*) ?import (.*)$/u.exec(text);
  if (from) {
    const [, dots = "", module = "", names = ""] = from;
    return [{ module, level: dots.length, names: importedNames(names) }];
  }
  const plain = /^import (.*)$/u.exec(text);
  return importedNames(plain?.[1] ?? "").map((module) => ({ module, level: 0, names: [] }));
}

/**
 * What a Python file imports, anywhere in it, found by parsing: nothing runs. `importlib.import_module` and
 * `__import__` count where their argument is a plain string.
 */
export function pythonImports(source: string): PythonImport[] {
  const found: PythonImport[] = [];
  parser.parse(source).iterate({
    enter: ({ name, from, to }) => {
      if (name === "ImportStatement") found.push(...readStatement(source.slice(from, to)));
      const dynamic = name === "CallExpression" ? dynamicImport.exec(source.slice(from, to)) : undefined;
      if (dynamic?.[2]) found.push({ module: dynamic[2], level: 0, names: [] });
    },
  });
  return found;
}
