import type { Surroundings } from "./surroundings.ts";

/** A value as the JSON document of a command. */
export function writeDocument(value: unknown, { stdout }: Pick<Surroundings, "stdout">): void {
  stdout.write(formatDocument(value));
}

export function formatDocument(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
