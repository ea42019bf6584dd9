import { DockerfileParser } from "dockerfile-ast";

/** An instruction with its lines joined and its flags taken off. */
export type ReadInstruction = Readonly<{ keyword: string; flags: readonly string[]; rest: string }>;

/**
 * The instructions of a Dockerfile, told apart by dockerfile-ast. Values are not taken from it: it drops blanks and
 * `\uXXXX` of the JSON form, leaves `\$` escaped, and loses an escaped newline in front of a continued line.
 */
export function readDockerfile(text: string): ReadInstruction[] {
  const lines = text.split("\n");
  return DockerfileParser.parse(text)
    .getInstructions()
    .map((instruction) => {
      const { start, end } = instruction.getRange();
      const joined = lines
        .slice(start.line, end.line + 1)
        .join("\n")
        .replaceAll("\\\n", "");
      return readInstruction(instruction.getKeyword(), joined.slice(instruction.getKeyword().length).trim());
    });
}

function readInstruction(keyword: string, text: string): ReadInstruction {
  const [flags = ""] = /^(?:--[a-z]+=(?:"(?:\\.|[^"\\])*"|[^\s"])+\s+)*/.exec(text) ?? [];
  const all = flags.matchAll(/--[a-z]+=(?:"(?:\\.|[^"\\])*"|[^\s"])+/g);
  return { keyword, flags: [...all].map(([flag]) => flag), rest: text.slice(flags.length) };
}

/** The fields of each `--mount`: a word, between double quotes or not, that is a line of CSV. */
export function readMounts({ flags }: ReadInstruction): Readonly<Record<string, string>>[] {
  return flags.map((flag) => {
    const word = flag.slice("--mount=".length);
    const line = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word;
    const fields = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted ?? plain,
    );
    return Object.fromEntries(fields.map((field = "") => /^([^=]*)=?(.*)$/s.exec(field)!.slice(1)));
  });
}

/** The JSON form. */
export function readWords({ rest }: ReadInstruction): string[] {
  return JSON.parse(rest) as string[];
}

/** One or more touching words between double quotes, with build arguments filled in. */
export function readWord(text: string, values: Readonly<Record<string, string>>): string {
  if (!/^(?:"(?:\\[\\"$]|[^\\"])*")+$/.test(text)) throw new Error(`not a quoted word: ${text}`);
  const inner = text.replaceAll(/(?<!\\)((?:\\\\)*)""/g, "$1").slice(1, -1);
  return inner.replaceAll(/\\([\\"$])|\$\{(\w+)\}/g, (_, escaped?: string, name?: string) => {
    return escaped ?? values[name ?? ""] ?? "";
  });
}

/** `NAME="value"`, where the name may be quoted. */
export function readAssignment(
  { rest }: ReadInstruction,
  values: Readonly<Record<string, string>>,
): readonly [string, string] {
  const [, name = "", value = ""] = /^"?([^"=]+)"?=(.*)$/s.exec(rest) ?? [];
  return [name, readWord(value, values)];
}

/**
 * The paths that COPY means, as BuildKit reads its words: expanded as by a shell, the source a pattern. `?` stands for
 * any one character.
 */
export function readCopy(instruction: ReadInstruction): readonly [string, string] {
  const [source = "", target = ""] = readWords(instruction).map((word) => word.replaceAll(/\\(.)/gs, "$1"));
  const parts = source.split("/");
  const first = parts.findIndex((part) => /[*?[]/.test(part));
  const names = parts.map((part, index) => (first >= 0 && index >= first ? matched(part) : part));
  return [names.join("/"), target];
}

/** The name that a pattern without freer wildcards than `?` matches. */
function matched(pattern: string): string {
  return pattern.replaceAll(/\[([*?[])\]|\\(.)|([*[])/gs, (_, bracketed?: string, escaped?: string) => {
    if (bracketed === undefined && escaped === undefined) throw new Error(`a free wildcard: ${pattern}`);
    return bracketed ?? escaped ?? "";
  });
}
