import { MOUNTS } from "../../dockerfile/recipe.ts";

/** The script that lends secrets stands in front of what it runs. */
const scriptPattern = new RegExp(
  `"${MOUNTS.replaceAll(".", "\\.")}/(?!secrets\\.sh)([^"/]+)\\.sh"(?:, (.*))?\\]$`,
  "s",
);

/**
 * What a step is called where it is shown: BuildKit names it by its whole instruction, mounts and wrapping included.
 * Names that are not of a RUN stay as they are.
 */
export function stepTitle(name: string): string {
  const [, place = "", instruction = name] = /^(\[[^\]]*\] )?(.*)$/s.exec(name) ?? [];
  const lines = runLines(instruction);
  return lines === undefined ? name : `${place}RUN ${lines.join("; ")}`;
}

/** What a step ran, as its user wrote it; undefined for a step that is no instruction. */
export function stepCommand(name: string): string | undefined {
  const instruction = name.replace(/^\[[^\]]*\] /, "");
  const lines = runLines(instruction);
  if (lines !== undefined) return lines.join("\n");
  return /^[A-Z]+ /.test(instruction) ? instruction : undefined;
}

/** The script of ours that a step runs. */
export function stepScript(name: string): string | undefined {
  return scriptPattern.exec(name)?.[1];
}

function runLines(instruction: string): readonly string[] | undefined {
  if (!instruction.startsWith("RUN ")) return undefined;
  const [, script, words] = scriptPattern.exec(instruction) ?? [];
  if (script !== undefined) return [[script, ...shownWords(words ?? "")].join(" ")];
  const inline = /"\/bin\/sh", "-e", "-c", "--", "(.*)"\]$/s.exec(instruction)?.[1];
  if (inline === undefined) return [instruction.replace(/^RUN (?:--\S+ +)*/, "")];
  return inline.split("\\n").filter((line) => line.trim() !== "" && !line.startsWith("export PATH="));
}

/** Engines may have expanded what stands between the quotes, so it need not be JSON any more. */
function shownWords(words: string): readonly string[] {
  return [...words.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, word = ""]) => word)
    .filter((word) => word !== "" && word !== "--");
}
