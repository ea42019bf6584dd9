/** `[stage 2/5] RUN --mount=… ["/bin/sh", …, "script"]`: what was run, as a person would write it. */
export function stepCommand(name: string): string | undefined {
  const instruction = name.replace(/^\[[^\]]*\] ?/, "");
  const run = /^RUN ((?:--\S+ )*)(.*)$/s.exec(instruction);
  if (run === null) return /^[A-Z]+ /.test(instruction) ? instruction : undefined;
  return scriptOf(run[2] ?? "");
}

/** Of the exec form the last argument counts: shells are given their script there. */
function scriptOf(text: string): string {
  if (!text.startsWith("[")) return text;
  try {
    const words: unknown = JSON.parse(text);
    const last: unknown = Array.isArray(words) ? words.at(-1) : undefined;
    return typeof last === "string" ? last : text;
  } catch {
    return text;
  }
}
