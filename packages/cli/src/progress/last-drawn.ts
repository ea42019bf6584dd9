/** What a line of a program's output ends up as on a terminal: programs draw over what they drew before. */
export function lastDrawn(text: string): string {
  if (!text.includes("\r")) return text;
  return text.split("\r").findLast((part) => part.trim() !== "") ?? "";
}
