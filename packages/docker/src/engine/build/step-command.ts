import { quoteShell } from "../../dockerfile/quote.ts";

/** `[stage 2/5] RUN --mount=… ["/bin/sh", …, "script"]`: what was run, as a person would write it. */
export function stepCommand(name: string): string | undefined {
  const instruction = name.replace(/^\[[^\]]*\] ?/, "");
  if (!instruction.startsWith("RUN ")) return /^[A-Z]+ /.test(instruction) ? instruction : undefined;
  const words = execWords(instruction);
  return words === undefined ? instruction.replace(/^RUN (?:--\S+ )*/, "") : scriptOf(words);
}

/** The words of the exec form, which is a JSON array behind the step's mounts. */
function execWords(instruction: string): readonly string[] | undefined {
  const start = instruction.indexOf('["/');
  if (start < 0) return undefined;
  try {
    const words: unknown = JSON.parse(instruction.slice(start));
    return Array.isArray(words) ? words.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** Of `sh -c -- SCRIPT NAME ARGUMENT…` the script, which can be pasted once its arguments are set. */
function scriptOf(words: readonly string[]): string {
  const [script, , ...rest] = words.slice(words.indexOf("--") + 1);
  if (script === undefined || !words.includes("--")) return words.join(" ");
  const set = rest.length === 0 ? "" : `set -- ${rest.map(quoteShell).join(" ")}\n`;
  return `${set}${script.trimEnd()}`;
}
